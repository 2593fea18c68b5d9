import pytest
import requests
from simple_salesforce import Salesforce

from mock_sender.destinations.salesforce import KEY
from receiver import registry
from tests.handlers.salesforce.org import keep, records
from tests.support.crm import SALESFORCE, a_call, carry
from tests.support.tools import booked, completed, lead


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
