import pytest

from receiver import settings
from receiver.doctor.public import PATH, check_url, is_ours
from receiver.doctor.redirects import check_plain
from tests.support.findings import said
from tests.support.public import OURS


@pytest.mark.parametrize(
    ("given", "leads_to"), [(PATH, PATH + "/"), (PATH + "/", PATH), (PATH, "/other")], ids=["slash", "none", "other"]
)
def test_of_an_address_that_redirects_to_the_receiver_the_right_one_is_told(serve, given, leads_to):
    url = serve(308, "", location=leads_to, at={leads_to: (401, OURS)})

    found = list(check_url(settings.read({}), url + given))[-1]

    assert (found.severity, found.do) == ("problem", f"give InboundFlow {url}{leads_to}")
    assert found.message == f"it redirects to {url}{leads_to} (status 308)"


def test_a_redirect_to_a_log_in_page_is_to_be_switched_off_and_where_one_came_from_is_not_shown(serve):
    found = list(check_url(settings.read({}), serve(302, "", location=serve(200, "<html>") + "/log-in?next=secret")))[
        -1
    ]

    assert found.do == f"lead POST {PATH} to the receiver without a log-in or a redirect"
    assert "/log-in (status 302)" in found.message
    assert "secret" not in str(found)


def test_a_slash_too_many_is_told(serve):
    url = serve(404, "<html>", at={PATH: (401, OURS)})

    found = list(check_url(settings.read({}), f"{url}{PATH}/"))[-1]

    assert (found.severity, found.do) == ("problem", f"give InboundFlow {url}{PATH}")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((308, "", {"location": "https://127.0.0.1/x"}), [("ok", "its http:// address leads to https://")]),
        ((401, OURS, {"location": ""}), [("advice", "the receiver also answers at the http:// address")]),
        ((404, "", {"location": ""}), []),
    ],
)
def test_the_http_address_may_lead_to_https_and_may_not_answer_by_itself(serve, answer, expected):
    status, body, more = answer

    assert said(check_plain(serve(status, body, **more), is_ours)) == expected
