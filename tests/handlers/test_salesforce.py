import itertools
import json

import pytest
import requests
from simple_salesforce import Salesforce

from handlers.salesforce import client as salesforce_client
from mock_sender.destinations.salesforce import KEY
from receiver import registry
from receiver.errors import GiveUp, Pause, RetryLater
from tests.support.crm import SALESFORCE, a_call, carry, run
from tests.support.tools import booked, completed, lead


@pytest.fixture(autouse=True)
def no_token():
    """Each test begins as a process does."""
    salesforce_client._tokens.clear()


def keep(world, event, **changes):
    return run(world, SALESFORCE, event, **changes)


def records(world, kind):
    return list(world.salesforce.records[kind].values())


class ToLoopback(requests.adapters.HTTPAdapter):
    """Sends what is meant for https:// to the played one."""

    def __init__(self, url):
        super().__init__()
        self.url = url

    def send(self, request, **options):
        request.url = request.url.replace("https://demo.my.salesforce.com", self.url)
        return super().send(request, **options | {"timeout": 10})


def stranger(world):
    """A client of Salesforce that knows nothing of ours."""
    session = requests.Session()
    session.mount("https://", ToLoopback(f"{world.url}/salesforce"))
    token = world.salesforce.tokens[-1]
    return Salesforce(instance="demo.my.salesforce.com", session_id=token, session=session, version="62.0")


def test_another_client_reads_back_what_was_written(world):
    outcomes = carry(world, SALESFORCE, a_call())
    facts = a_call()[-1]

    sf = stranger(world)
    lead = sf.Lead.get_by_custom_id(KEY, facts.caller_phone)
    task = sf.Task.get_by_custom_id(KEY, facts.call_id)
    event = sf.Event.get_by_custom_id(KEY, facts.call_id)
    note = sf.Task.get_by_custom_id(KEY, f"lead:{facts.call_id}")

    assert outcomes[-1] == f"call {task['Id']}, person {lead['Id']}"
    assert {record["WhoId"] for record in (task, event, note)} == {lead["Id"]}
    assert (lead["FirstName"], lead["LastName"]) == tuple(facts.caller_name.split())
    assert (lead["Email"], lead["Phone"], lead["Company"]) == (facts.caller_email, facts.caller_phone, "Unknown")
    assert (task["TaskSubtype"], task["Status"], task["CallType"]) == ("Call", "Completed", "Inbound")
    assert (task["CallDurationInSeconds"], task["ActivityDate"]) == (facts.duration_seconds, facts.started_at[:10])
    assert facts.summary in task["Description"]
    assert facts.recording_url in task["Description"]
    assert (event["DurationInMinutes"], note["Status"]) == (45, "Not Started")


def test_a_caller_without_a_name_is_a_lead_that_goes_by_the_number(world):
    keep(world, completed(caller_name=None))

    [record] = records(world, "Lead")
    assert (record["LastName"], record["Company"], record[KEY]) == ("+15550100", "Unknown", "+15550100")


def test_what_a_person_wrote_where_we_knew_nothing_stays(world):
    keep(world, completed(caller_name=None))
    records(world, "Lead")[0].update(LastName="Moreno", Company="Moreno & Daughters")
    keep(world, lead(caller_name=None))
    records(world, "Task")[1].update(Status="In Progress")

    keep(world, lead(caller_name=None))

    [record] = records(world, "Lead")
    assert (record["LastName"], record["Company"]) == ("Moreno", "Moreno & Daughters")
    assert [task["Status"] for task in records(world, "Task")] == ["Completed", "In Progress"]


@pytest.mark.parametrize("quiet", [True, False])
def test_an_update_may_be_answered_with_or_without_the_id(world, quiet):
    world.salesforce.quiet = quiet

    outcomes = {keep(world, completed()) for _ in range(2)}

    assert len(outcomes) == 1


def test_the_call_of_a_converted_lead_goes_to_the_contact_that_it_became(world):
    keep(world, completed())
    records(world, "Lead")[0].update(IsConverted=True, ConvertedContactId="003000000000000001")

    outcome = keep(world, booked(caller_name="Somebody else"))

    assert outcome.endswith("person 003000000000000001")
    assert records(world, "Event")[0]["WhoId"] == "003000000000000001"
    assert records(world, "Lead")[0]["LastName"] == "Moreno"


def test_a_booking_without_a_time_is_kept_all_the_same(world):
    keep(world, booked(appointment_time_start="tomorrow", appointment_date="2026-03-01"))

    [event] = records(world, "Event")
    assert (event["IsAllDayEvent"], "Date: 2026-03-01" in event["Description"]) == (True, True)


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


def test_where_the_external_id_is_missing_everything_waits_and_the_recipe_is_named(world):
    world.salesforce.key_is_there = False

    with pytest.raises(Pause, match=r"InboundFlow_Key__c.*recipes/salesforce\.md"):
        keep(world, completed())


ADDRESSES = [
    ("https://acme.my.salesforce.com", "on"),
    ("http://127.0.0.1:8080/x", "on"),
    ("http://[::1]:8080", "on"),
    ("http://localhost:8080", "on"),
    ("http://acme.my.salesforce.com", "misconfigured"),
    ("http://127.0.0.1.evil.example", "misconfigured"),
    ("ftp://acme.my.salesforce.com", "misconfigured"),
    ("acme.my.salesforce.com", "misconfigured"),
]


@pytest.mark.parametrize(("url", "state"), ADDRESSES)
def test_the_secret_goes_over_https_or_stays_on_this_machine(url, state):
    env = {"SALESFORCE_INSTANCE_URL": url, "SALESFORCE_CLIENT_ID": "i", "SALESFORCE_CLIENT_SECRET": "s"}

    activation = registry.load("handlers")[SALESFORCE.handler].activate(env)

    assert activation.state == state
    assert state == "on" or "https://your-domain.my.salesforce.com" in activation.why


def errors(code, *fields):
    return json.dumps([{"errorCode": code, "message": "m", "fields": list(fields)}])


OUTCOMES = [
    # Salesforce answers                                     the run is    after   says
    (300, '["/services/data/v62.0/sobjects/Lead/1"]', GiveUp, None, "several records"),
    (302, "{}", GiveUp, None, "302"),
    (400, errors("UNABLE_TO_LOCK_ROW"), RetryLater, 5, "UNABLE_TO_LOCK_ROW"),
    (400, errors("CANNOT_UPDATE_CONVERTED_LEAD"), RetryLater, None, "converted"),
    (400, errors("ENTITY_IS_DELETED"), RetryLater, None, "deleted"),
    (400, errors("INVALID_CROSS_REFERENCE_KEY"), RetryLater, None, "deleted"),
    (400, errors("DUPLICATES_DETECTED"), GiveUp, None, "duplicate rule"),
    (400, errors("STRING_TOO_LONG", "Company"), GiveUp, None, r"STRING_TOO_LONG.*Company"),
    (400, errors("INVALID_EMAIL_ADDRESS", "Email"), GiveUp, None, "INVALID_EMAIL_ADDRESS"),
    (400, errors("REQUIRED_FIELD_MISSING", "Region__c"), Pause, None, r"Region__c.*make it optional"),
    (400, errors("INVALID_FIELD"), Pause, None, r"recipes/salesforce\.md"),
    (400, errors("INVALID_FIELD_FOR_INSERT_UPDATE", "WhoId"), Pause, None, r"recipes/salesforce\.md"),
    (400, errors("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"), Pause, None, "may not write"),
    (403, errors("REQUEST_LIMIT_EXCEEDED"), RetryLater, 3600, "a day are used up"),
    (403, errors("API_DISABLED_FOR_ORG"), Pause, None, "has no API"),
    (403, errors("FORBIDDEN"), Pause, None, "403"),
    (404, errors("NOT_FOUND"), Pause, None, "InboundFlow_Key__c is missing"),
    (429, "{}", RetryLater, None, "429"),
    (500, errors("UNKNOWN_EXCEPTION"), RetryLater, None, "500"),
    (502, "{}", RetryLater, None, "502"),
    (503, errors("SERVER_UNAVAILABLE"), RetryLater, None, "overloaded"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "outcome", "delay_s", "says"), OUTCOMES)
def test_an_answer_decides_what_becomes_of_the_run(world, status, body, outcome, delay_s, says):
    keep(world, completed())  # so that it is an update that is refused
    write = itertools.count()
    world.watch = lambda name, path, stage: (
        world.fail("salesforce", status=status, body=body) if stage == "done" and next(write) == 0 else None
    )

    with pytest.raises(outcome, match=says) as raised:
        keep(world, completed())
    assert getattr(raised.value, "delay_s", None) == delay_s
    assert getattr(raised.value, "cooldown", False) == (status == 429 or delay_s == 3600)


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
    world.fail("salesforce", status=307, headers={"Location": f"{world.url}/forward/stolen"}, path="sobjects")

    with pytest.raises(GiveUp, match="307"):
        keep(world, completed())
    assert world.forward.received == []
