"""What the played Resend refuses, and how long it knows a key."""

import json

import pytest

from mock_sender.destinations.resend import DOMAIN, KEPT_S, KEY, OWNER, SENDING_KEY, Resend

EMAIL = {"from": f"calls@{DOMAIN}", "to": ["front@acme.example"], "subject": "New call", "text": "x"}


@pytest.fixture
def resend():
    return Resend()


def ask(resend, email=EMAIL, key="k", token=KEY, path="/emails", method="POST"):
    headers = {"authorization": f"Bearer {token}", "idempotency-key": key}
    status, answer = resend.answer(method, path, "", headers, json.dumps(email).encode())
    return status, answer.get("name") or answer.get("id") or answer["data"]


def test_a_key_is_known_for_a_day_with_the_message_that_it_was_sent_with(resend):
    resend.now = lambda: 0
    first = ask(resend)

    assert ask(resend) == first
    assert ask(resend, EMAIL | {"text": "y"}) == (409, "invalid_idempotent_request")
    assert len(resend.emails) == 1

    resend.now = lambda: KEPT_S
    assert ask(resend)[0] == 200
    assert len(resend.emails) == 2


REFUSED = [
    # what differs                                       answer
    ({"from": "calls@other.example"},                    (403, "validation_error")),
    ({"from": "onboarding@resend.dev"},                  (403, "validation_error")),
    ({"from": "calls"},                                  (422, "invalid_from_address")),
    ({"to": ["front"]},                                  (422, "validation_error")),
    ({"to": []},                                         (422, "missing_required_field")),
    ({"subject": ""},                                    (422, "missing_required_field")),
    ({"subject": "a\nBcc: b"},                           (422, "validation_error")),
    ({"headers": {"References": "<a>\r\nBcc: b"}},       (422, "validation_error")),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "answer"), REFUSED)
def test_a_message_that_the_real_one_refuses_is_refused_and_its_key_forgotten(resend, changed, answer):
    assert ask(resend, EMAIL | changed) == answer
    assert resend.emails == []
    assert ask(resend)[0] == 200


def test_from_resends_own_domain_the_account_writes_to_its_owner(resend):
    assert ask(resend, EMAIL | {"from": "onboarding@resend.dev", "to": [OWNER]})[0] == 200


def test_a_key_that_may_only_send_is_told_nothing_else(resend):
    assert ask(resend, token=SENDING_KEY)[0] == 200
    for path in ("/domains", "/suppressions"):
        assert ask(resend, token=SENDING_KEY, path=path, method="GET") == (401, "restricted_api_key")


def test_who_is_suppressed_gets_nothing_and_the_answer_does_not_say_so(resend):
    resend.suppressed.add("front@acme.example")

    assert ask(resend)[0] == 200
    assert [email["last_event"] for email in resend.emails] == ["suppressed"]
