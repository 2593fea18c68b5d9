"""What Slack holds of somebody who is erased goes, and what others wrote stays, on bad days too."""

import json

import pytest

from handlers.slack import forget, has_token
from mock_sender.destinations.slack import CHANNEL
from receiver.errors import GiveUp, Pause, RetryLater
from tests.handlers.slack.office import KINDS, Office, an_event, webhook

OTHER = {"call_id": "call-of-bea", "caller_name": "Bea"}


@pytest.fixture
def thread(office):
    """A call's four messages in a thread, beside another's call and what a person wrote."""
    office.world.slack.say("Who is on tonight?")
    for kind in KINDS:
        office.attempt(an_event(kind))
    office.attempt(an_event(key="d-bea", **OTHER))
    return office


def ours(office):
    return [done for done in office.done if done.event.call_id == "call-1"]


def forget_all(office):
    """The latest first, as an erasure does."""
    return [forget(done.event, office.run(done.event), done.outcome) for done in reversed(ours(office))]


def left(office):
    """What is in the channel, by its delivery or its text."""
    return [message["delivery_id"] or message["text"] for message in office.world.slack.messages]


def asked(office, method):
    return [exchange for exchange in office.world.exchanges if exchange.path == f"/api/{method}"]


def refuse(office, code, **more):
    office.world.fail("slack", status=200, body=json.dumps({"ok": False, "error": code}), path="chat.delete", **more)


def test_the_messages_of_a_call_go_and_those_of_others_stay(thread):
    assert len(left(thread)) == len(KINDS) + 2

    assert forget_all(thread) == [""] * len(KINDS)
    assert left(thread) == ["Who is on tonight?", "d-bea"]


def test_what_is_gone_already_counts_as_deleted(thread):
    forget_all(thread)

    assert forget_all(thread) == [""] * len(KINDS)
    assert left(thread) == ["Who is on tonight?", "d-bea"]


def test_what_a_person_replied_stays_and_is_named(thread):
    [(parent, _)] = [entry for entry in thread.channel() if len(entry[1]) > 1]
    thread.world.slack.say("I call her back", thread=parent["ts"])

    assert forget_all(thread) == ["", "", "", f"replies of others in the thread {parent['ts']}: 1"]
    assert left(thread) == ["Who is on tonight?", "This message was deleted.", "d-bea", "I call her back"]


def test_it_is_named_in_the_businesss_language(world):
    office = Office(world, BUSINESS_LANGUAGE="es")
    office.attempt(an_event())
    parent = world.slack.messages[0]["ts"]
    world.slack.say("La llamo yo", thread=parent)

    assert forget_all(office) == [f"respuestas de otras personas en el hilo {parent}: 1"]


def test_a_parent_that_a_person_deleted_before_counts_as_deleted(thread):
    [(parent, _)] = [entry for entry in thread.channel() if len(entry[1]) > 1]
    thread.world.slack.say("I call her back", thread=parent["ts"])
    thread.world.slack.delete(parent["ts"])

    assert forget_all(thread) == ["", "", "", f"replies of others in the thread {parent['ts']}: 1"]


def test_an_attempt_of_unknown_end_is_found_by_its_delivery(thread):
    for done in reversed(ours(thread)):
        forget(done.event, thread.run(done.event), "")

    assert left(thread) == ["Who is on tonight?", "d-bea"]


def test_of_an_attempt_that_posted_nothing_nothing_is_deleted(thread):
    event = an_event(key="never")

    assert forget(event, thread.run(event), "") == ""
    assert (len(left(thread)), asked(thread, "chat.delete")) == (len(KINDS) + 2, [])


def test_an_erased_delivery_is_found_by_its_outcome_alone(thread):
    for done in reversed(ours(thread)):
        bare = an_event(done.event.event, key=done.event.delivery_id, call_id=None)
        forget(bare, thread.run(bare), done.outcome)

    assert left(thread) == ["Who is on tonight?", "d-bea"]


REFUSALS = [
    # Slack says                            what becomes of it, and why
    ("missing_scope",                       Pause,      "chat:write"),
    ("token_revoked",                       Pause,      "SLACK_BOT_TOKEN was revoked"),
    ("ratelimited",                         RetryLater, "ratelimited"),
    ("fatal_error",                         RetryLater, "fatal_error"),
    ("cant_delete_message",                 GiveUp,     "only what it posted itself"),
    ("compliance_exports_prevent_deletion", GiveUp,     "keeps every message"),
    ("channel_not_found",                   GiveUp,     "no member of it any more"),
    ("is_archived",                         GiveUp,     "archived"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "error", "why"), REFUSALS)
def test_a_refusal_says_whether_a_later_attempt_may_succeed(thread, code, error, why):
    refuse(thread, code)
    last = ours(thread)[-1]

    with pytest.raises(error, match=why):
        forget(last.event, thread.run(last.event), last.outcome)

    assert len(left(thread)) == len(KINDS) + 2


def test_a_429_says_how_long_to_wait(thread):
    thread.world.fail("slack", status=429, headers={"Retry-After": "7"}, body='{"ok": false}', path="chat.delete")
    last = ours(thread)[-1]

    with pytest.raises(RetryLater) as raised:
        forget(last.event, thread.run(last.event), last.outcome)

    assert raised.value.delay_s == 7


def test_what_a_workspace_keeps_for_its_exports_stays(thread):
    thread.world.slack.keeps_all = True

    with pytest.raises(GiveUp, match="compliance exports"):
        forget_all(thread)


@pytest.mark.parametrize("mode", ["reset", "drop"])
def test_a_lost_answer_is_tried_again_and_what_was_done_is_no_error(thread, mode):
    thread.world.fail("slack", mode=mode, path="chat.delete")
    last = ours(thread)[-1]

    with pytest.raises(RetryLater, match="did not answer"):
        forget(last.event, thread.run(last.event), last.outcome)
    forget_all(thread)

    assert left(thread) == ["Who is on tonight?", "d-bea"]


def test_a_webhook_can_delete_nothing(world, office):
    hooked = webhook(world)
    event = an_event()
    outcome = hooked.attempt(event)

    assert (has_token(hooked.run(event).settings), has_token(office.run(event).settings)) == (False, True)
    with pytest.raises(GiveUp, match="posted by a webhook"):
        forget(event, office.run(event), outcome)
    assert [message["channel"] for message in world.slack.messages] == [CHANNEL]
