import pytest

from receiver import settings
from receiver.doctor.public import PATH, check_url, plain_twin
from tests.support.public import OURS

OLD = "Wed, 01 Jan 2020 00:00:00 GMT"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((401, OURS), "the receiver answers there"),
        ((200, "{}"), "a request without a signature is taken"),
        ((200, "<html>Log in"), "a web page answers (status 200), and not the receiver"),
        ((403, "<!doctype html>"), "a web page answers (status 403), and not the receiver"),
        ((502, '{"error": "bad gateway"}'), "something other than the receiver answers (status 502)"),
        ((401, OURS, OLD), "this machine's and the public address's differ by"),
        ((401, OURS, "", 1000), "a delivery of 1 MB does not reach the receiver"),
    ],
)
def test_what_answers_at_the_public_address_is_told(serve, answer, said):
    url = serve(*answer)

    found = [one.message for one in check_url(settings.read({}), url)]

    assert found[0] == "it does not begin with https://"
    assert any(one.startswith(said) for one in found)


def test_the_receiver_by_itself_gives_no_other_finding(serve):
    found = list(check_url(settings.read({}), serve(401, OURS)))

    assert [one.severity for one in found] == ["problem", "ok"]


def test_a_receiver_that_would_keep_the_question_is_not_asked(serve):
    found = list(check_url(settings.read({"INBOUNDFLOW_ALLOW_UNSIGNED": "1"}), serve(200, '{"status": "stored"}')))

    assert [one.message for one in found][1:] == [
        "it was not asked, as the receiver would keep what is asked without a signature"
    ]


def test_an_address_where_nobody_listens_is_a_problem():
    found = [one.message for one in check_url(settings.read({}), "https://127.0.0.1:1")]

    assert found == ["nothing answers there: no answer (ConnectError)"]


def test_the_http_address_is_that_of_the_same_name_and_path():
    assert plain_twin("https://calls.example.com/") == f"http://calls.example.com{PATH}"
    assert plain_twin("https://calls.example.com:8443") == plain_twin("http://calls.example.com") == ""
