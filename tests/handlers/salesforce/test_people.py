"""An org that has customers already, and rules that its administrators made."""

import pytest

from handlers.salesforce import people
from mock_sender.destinations.salesforce import KEY
from receiver.errors import Pause
from receiver.registry import Earlier
from tests.handlers.salesforce.org import errors, keep, records
from tests.support.crm import SALESFORCE, run
from tests.support.tools import booked, completed, lead

CALLER = {"caller_phone": "+13125550110", "caller_name": "Grease Hoppa"}
GRACE = {"FirstName": "Grace", "LastName": "Hopper"}
ADA = "ada@example.com"


@pytest.mark.parametrize("field", ["Phone", "MobilePhone", "HomePhone"])
@pytest.mark.parametrize("number", ["(312) 555-0110", "+1 312.555.0110", "3125550110"])
def test_a_contact_with_the_number_gets_the_call_and_no_lead_is_made(world, number, field):
    grace = world.salesforce.add("Contact", **GRACE, **{field: number})
    world.salesforce.add("Contact", LastName="Else", Phone="(312) 555-0111")

    outcomes = [keep(world, completed(f"d-{n}", call_id=f"c-{n}", **CALLER)) for n in (1, 2)]

    contact = world.salesforce.records["Contact"][grace]
    assert [outcome.endswith(f"person {grace}") for outcome in outcomes] == [True, True]
    assert (records(world, "Lead"), contact["LastName"], contact[KEY]) == ([], "Hopper", "+13125550110")


def test_an_org_whose_contacts_lack_our_field_is_searched_for_each_call(world, monkeypatch):
    monkeypatch.setattr(people, "_without_key", set())
    world.salesforce.contacts_have_key = False
    grace = world.salesforce.add("Contact", **GRACE, Phone="(312) 555-0110")

    outcomes = [keep(world, completed(f"d-{n}", call_id=f"c-{n}", **CALLER)) for n in (1, 2)]

    assert [outcome.endswith(f"person {grace}") for outcome in outcomes] == [True, True]
    assert (records(world, "Lead"), KEY in records(world, "Contact")[0]) == ([], False)


def test_a_person_account_is_found_where_they_are_on(world):
    world.salesforce.person_accounts = True
    grace = world.salesforce.add("Contact", **GRACE)
    world.salesforce.add("Account", PersonMobilePhone="(312) 555-0110", PersonContactId=grace)

    assert keep(world, completed(**CALLER)).endswith(f"person {grace}")
    assert records(world, "Lead") == []


def test_an_open_lead_gets_our_key_and_what_is_empty_and_nothing_else(world):
    made = world.salesforce.add("Lead", **GRACE, Company="Navy", MobilePhone="312-555-0110")

    keep(world, lead(caller_email=ADA, **CALLER))

    kept = dict(world.salesforce.records["Lead"][made])
    kept.pop("LastModifiedDate")
    assert kept == GRACE | {"Company": "Navy", "MobilePhone": "312-555-0110", "Email": ADA, KEY: "+13125550110"}
    assert len(records(world, "Lead")) == 1


def test_a_name_that_staff_corrected_stays(world):
    keep(world, completed(caller_name="Maria Lopes"))
    records(world, "Lead")[0].update(FirstName="María", LastName="López García")

    keep(world, completed(caller_name="Maria Lopes"))

    assert records(world, "Lead")[0]["LastName"] == "López García"


def test_a_customer_goes_before_a_lead_and_of_several_the_last_changed_is_taken(world):
    _, last = (world.salesforce.add("Contact", **GRACE, Phone="(312) 555-0110") for _ in range(2))
    world.salesforce.add("Lead", **GRACE, Company="Navy", Phone="(312) 555-0110")
    done = []
    for event in (lead("d-1", **CALLER), completed("d-2", **CALLER)):
        done.append(Earlier(event=event, outcome=keep(world, event, done=done)))

    assert done[0].outcome.endswith(f"person {last}, the last changed of 2 who match")
    assert ["2 people here have this number" in task["Description"] for task in records(world, "Task")] == [True, True]


def test_a_record_that_a_duplicate_rule_names_gets_the_call(world):
    world.salesforce.blocks_duplicates = True
    grace = world.salesforce.add("Contact", **GRACE, Phone="ask at 312 555 0110 for Grace")  # no number to us

    outcome = keep(world, completed(**CALLER))

    assert outcome.endswith(f"person {grace}")
    assert (records(world, "Lead"), records(world, "Task")[0]["WhoId"]) == ([], grace)


def test_an_address_that_is_refused_is_left_out_and_stands_in_the_text(world):
    outcome = keep(world, completed(caller_email="ada..moreno@gmail.com"))

    assert outcome.endswith("without Email (INVALID_EMAIL_ADDRESS)")
    assert "E-mail: ada..moreno@gmail.com" in records(world, "Task")[0]["Description"]
    assert records(world, "Lead")[0]["LastName"] == "Moreno"


RULES = ["FIELD_CUSTOM_VALIDATION_EXCEPTION", "REQUIRED_FIELD_MISSING", "DUPLICATES_DETECTED"]


@pytest.mark.parametrize("code", RULES)
def test_a_rule_that_refuses_the_lead_loses_no_call(world, code):
    world.salesforce.rules["Lead"] = (code, [])

    outcomes = [keep(world, completed(**CALLER)), keep(world, lead("d-2", **CALLER))]

    assert ["on no person: Salesforce" in outcome and code in outcome for outcome in outcomes] == [True, True]
    tasks = records(world, "Task")
    assert ([len(tasks), "Phone: +13125550110" in tasks[1]["Description"]], records(world, "Lead")) == ([2, True], [])


def test_a_rule_that_refuses_what_is_filled_in_leaves_the_lead_as_it_is_and_keeps_the_call(world):
    made = world.salesforce.add("Lead", **GRACE, Company="Navy", Phone="(312) 555-0110")
    world.salesforce.rules["Lead"] = ("FIELD_CUSTOM_VALIDATION_EXCEPTION", [])

    outcome = keep(world, completed(**CALLER))

    assert f"person {made}, which stays as it is: Salesforce" in outcome
    assert records(world, "Task")[0]["WhoId"] == made


def test_a_lead_that_another_call_made_at_the_same_moment_is_used(world):
    def make_it_meanwhile(name, path, stage):
        if stage == "done" and path.endswith("composite") and not records(world, "Lead"):
            world.salesforce.add("Lead", **GRACE, Company="Unknown", **{KEY: "+13125550110"})
            world.fail("salesforce", status=400, body=errors("DUPLICATE_VALUE"), path="Lead/")

    world.watch = make_it_meanwhile

    assert " on no person" not in keep(world, completed(**CALLER))
    assert len(records(world, "Lead")) == 1


def test_no_address_stands_in_a_path_where_one_that_ends_in_inc_would_be_a_404(world):
    for n in (1, 2):
        keep(world, lead(f"d-{n}", caller_phone="anonymous", caller_email="bob@example.inc"))

    [record] = records(world, "Lead")
    assert (record["Email"], record[KEY][:5], len(record[KEY])) == ("bob@example.inc", "mail-", 69)
    assert [exchange for exchange in world.exchanges if "example" in exchange.path + exchange.query] == []


def test_a_number_stands_in_no_query_of_an_address(world):
    keep(world, completed(**CALLER))

    assert [exchange for exchange in world.exchanges if "555" in exchange.query] == []


@pytest.fixture
def unknown_org(monkeypatch):
    """As a process begins: it has said nothing of what an org hides."""
    monkeypatch.setattr(people, "_said", set())


def test_a_hidden_object_hides_nobody_else(world, unknown_org, caplog):
    world.salesforce.hidden["Contact"] = {"Id"}
    made = world.salesforce.add("Lead", **GRACE, Company="Navy", Phone="(312) 555-0110")

    assert keep(world, completed(**CALLER)).endswith(f"person {made}")
    assert "hides Contact records" in caplog.text


@pytest.mark.parametrize("hidden", [{"MobilePhone"}, {"MobilePhone", "HomePhone", "Email", "OwnerId"}])
def test_a_hidden_field_hides_nobody_who_is_found_by_another(world, unknown_org, caplog, hidden):
    grace = world.salesforce.add("Contact", **GRACE, Phone="(312) 555-0110")
    world.salesforce.hidden["Contact"] = hidden

    for n in (1, 2):
        outcome = keep(world, completed(f"d-{n}", call_id=f"c-{n}", caller_email=ADA, **CALLER))
        world.salesforce.records["Contact"][grace].pop(KEY, None)

    assert (outcome.endswith(f"person {grace}"), records(world, "Lead")) == (True, [])
    assert len([one for one in caplog.messages if "hides Contact." in one]) == len(hidden)  # it is remembered
    assert len([one for one in world.exchanges if one.path.endswith("composite")]) == 2 + len(hidden)


def test_a_lead_that_has_our_key_is_read_without_the_fields_that_are_hidden(world, unknown_org):
    keep(world, completed(**CALLER))
    world.salesforce.hidden["Lead"] = {"MobilePhone", "OwnerId"}

    outcomes = [keep(world, completed(f"d-{n}", call_id=f"c-{n}", **CALLER)) for n in (2, 3)]

    assert [" on no person" in outcome for outcome in outcomes] == [False, False]
    assert (len(records(world, "Lead")), len([one for one in world.exchanges if one.status == 400])) == (1, 3)


def test_where_every_number_is_hidden_nobody_is_found_and_nothing_fails(world, unknown_org):
    hidden = {"Phone", "MobilePhone", "HomePhone"}
    world.salesforce.add("Contact", **GRACE, Phone="(312) 555-0110")
    world.salesforce.hidden["Contact"] = hidden

    keep(world, completed(**CALLER))

    assert len(records(world, "Lead")) == 1


def zoned(world, event, zone):
    place = type("Zoned", (), {"url": world.url, "salesforce_env": world.salesforce_env | {"BUSINESS_TIMEZONE": zone}})
    return run(place, SALESFORCE, event)


def test_an_evening_call_is_dated_by_the_businesss_day(world):
    zoned(world, completed(started_at="2026-03-03T01:30:00Z"), "America/Chicago")

    assert records(world, "Task")[0]["ActivityDate"] == "2026-03-02"


@pytest.mark.parametrize("start", ["", "10:00 AM", "2026-03-20"])
def test_an_appointment_without_a_readable_time_is_on_its_day(world, start):
    keep(world, booked(appointment_time_start=start, appointment_date="2026-03-20"))

    [event] = records(world, "Event")
    assert (event["IsAllDayEvent"], event["ActivityDate"]) == (True, "2026-03-20")


def test_an_appointment_that_gets_its_time_is_all_day_no_more(world):
    keep(world, booked(appointment_time_start="", appointment_date="2026-03-20"))
    keep(world, booked(appointment_time_start="2026-03-20T15:00:00Z", appointment_date="2026-03-20"))

    [event] = records(world, "Event")
    assert (event["IsAllDayEvent"], event["StartDateTime"]) == (False, "2026-03-20T15:00:00Z")


def test_an_appointment_on_no_day_is_a_task_and_no_event(world):
    outcome = keep(world, booked(appointment_time_start="soon", appointment_date="next week"))

    [task] = records(world, "Task")
    assert (records(world, "Event"), task["Subject"]) == ([], "Booked, time not understood: Check-up: Ada Moreno")
    assert ("Date: next week" in task["Description"], "as a note" in outcome) == (True, True)


def test_our_own_field_that_is_missing_on_leads_still_pauses(world):
    world.salesforce.key_is_there = False

    with pytest.raises(Pause):
        keep(world, completed())
