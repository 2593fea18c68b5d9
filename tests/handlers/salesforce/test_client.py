import pytest

from handlers.salesforce.client import Client, no_token
from mock_sender.destinations.salesforce import KEY
from receiver.errors import GiveUp, Pause, RetryLater
from tests.handlers.salesforce.org import errors, keep, records
from tests.support.crm import SALESFORCE, a_call, carry
from tests.support.tools import completed


def test_one_token_is_enough_and_an_old_one_is_renewed_once(world):
    carry(world, SALESFORCE, a_call())
    given = len(world.salesforce.tokens)
    world.salesforce.tokens.append("somebody logged everybody out")

    keep(world, completed())

    assert (given, len(world.salesforce.tokens)) == (1, 3)


def test_a_token_that_is_refused_again_pauses(world):
    world.fail("salesforce", status=401, times=2, path="sobjects", body=errors("INVALID_SESSION_ID"))

    with pytest.raises(Pause, match="401"):
        keep(world, completed())
    assert len(world.salesforce.tokens) == 2


@pytest.mark.parametrize("name", ["SALESFORCE_CLIENT_ID", "SALESFORCE_CLIENT_SECRET"])
def test_wrong_credentials_pause_and_are_not_shown(world, name):
    class Wrong:
        url = world.url
        salesforce_env = world.salesforce_env | {name: "wrong-one"}

    with pytest.raises(Pause, match=name) as raised:
        keep(Wrong, completed())
    assert "wrong-one" not in str(raised.value)


TOKENS = [
    (400, '{"error": "invalid_grant"}', Pause, "invalid_grant.*SALESFORCE_CLIENT_ID"),
    (404, '"<html>"', Pause, "SALESFORCE_INSTANCE_URL"),
    (503, "{}", RetryLater, "503"),
    (200, "{}", RetryLater, "no token"),
]


@pytest.mark.parametrize(("status", "body", "outcome", "says"), TOKENS)
def test_where_there_is_no_token_nothing_is_written(world, status, body, outcome, says):
    world.fail("salesforce", status=status, body=body, path="oauth2")

    with pytest.raises(outcome, match=says):
        keep(world, completed())
    assert records(world, "Lead") == []


def test_no_redirect_is_followed_with_the_token(world):
    world.fail("salesforce", status=307, headers={"Location": f"{world.url}/forward/stolen"}, path="sobjects", times=9)

    with pytest.raises(GiveUp, match="307"):
        keep(world, completed())
    assert world.forward.received == []


def test_a_record_that_is_missing_is_none_where_it_may_be(world):
    client = Client(world.salesforce_env)

    assert client.ask("GET", f"Lead/{KEY}/nobody?fields=Id", may_be_missing=True) is None
    with pytest.raises(GiveUp, match="404 to one record"):
        client.ask("GET", f"Lead/{KEY}/nobody?fields=Id")


def test_a_404_pauses_only_where_our_field_itself_is_missing(world):
    client = Client(world.salesforce_env)
    world.fail("salesforce", status=404, body=errors("NOT_FOUND"), path="Task/", times=2)

    with pytest.raises(GiveUp, match=f"while {KEY} is there"):
        client.ask("PATCH", f"Task/{KEY}/call-1", {"Subject": "s"})
    world.salesforce.key_is_there = False
    world.fail("salesforce", status=404, body=errors("NOT_FOUND"), path="Task/InboundFlow_Key__c/call-1")
    with pytest.raises(Pause, match=f"{KEY} is missing"):
        client.ask("PATCH", f"Task/{KEY}/call-1", {"Subject": "s"})


def test_an_app_that_was_just_made_may_not_be_known_yet():
    assert "up to ten minutes" in str(no_token(400, {"error": "invalid_client_id"}))
    assert "ten minutes" not in str(no_token(400, {"error": "invalid_client"}))


@pytest.mark.parametrize(
    ("body", "code"),
    [({"error": "invalid_client"}, "400 invalid_client"), ({"error": "<b>"}, "400"), ("<html>", "400")],
)
def test_why_there_is_no_token_is_told_by_its_code_alone(body, code):
    assert f"gives no token ({code})" in str(no_token(400, body))
