import pytest

from handlers.hubspot import keep_contact
from receiver.errors import GiveUp, Pause, RetryLater
from tests.tools import a_run, booked, completed, lead


def run_at(world, event, **changes):
    env = {"HUBSPOT_ACCESS_TOKEN": "pat-demo", "HUBSPOT_API_URL": f"{world.url}/hubspot"}
    return a_run("hubspot.keep_contact", env, event, **changes)


def test_a_call_is_kept_on_its_callers_contact(world):
    outcome = keep_contact(completed(), run_at(world, completed()))

    [(contact, known)] = world.hubspot.objects["contacts"].items()
    [(call, properties)] = world.hubspot.objects["calls"].items()
    assert outcome == f"call {call}, person {contact}"
    assert (known["inboundflow_phone_e164"], known["firstname"], known["lastname"]) == ("+15550100", "Ada", "Moreno")
    assert (properties["hs_call_duration"], properties["hs_call_body"]) == ("55000", "Brakes")
    assert world.hubspot.associations == {("calls", call, contact)}


def test_a_booking_is_a_meeting_and_a_lead_is_a_contact(world):
    keep_contact(booked(), run_at(world, booked()))
    keep_contact(lead(key="d-2"), run_at(world, lead(key="d-2")))

    assert [len(world.hubspot.objects[kind]) for kind in ("contacts", "calls", "meetings")] == [1, 0, 1]
    assert [contact["lifecyclestage"] for contact in world.hubspot.objects["contacts"].values()] == ["lead"]


@pytest.mark.parametrize("step", ["contacts/batch", "calls/batch", "associations"])
def test_a_step_whose_answer_was_lost_changes_nothing_when_it_is_repeated(world, step):
    world.fail("hubspot", mode="drop", path=step)

    with pytest.raises(RetryLater):
        keep_contact(completed(), run_at(world, completed()))
    keep_contact(completed(), run_at(world, completed(), attempt=2))

    assert [len(world.hubspot.objects[kind]) for kind in ("contacts", "calls")] == [1, 1]
    assert len(world.hubspot.associations) == 1


def test_without_number_and_email_no_contact_is_made_and_the_call_is_kept(world):
    event = completed(caller_phone="anonymous")

    outcome = keep_contact(event, run_at(world, event))

    assert "withheld" in outcome
    assert [len(world.hubspot.objects[kind]) for kind in ("contacts", "calls")] == [0, 1]


def test_with_an_email_alone_the_contact_goes_by_it(world):
    event = lead(caller_phone=None, caller_email="Ada@Example.com")

    keep_contact(event, run_at(world, event))

    assert [contact["email"] for contact in world.hubspot.objects["contacts"].values()] == ["ada@example.com"]


def test_what_a_caller_says_is_no_markup(world):
    event = completed(summary="<script>")

    keep_contact(event, run_at(world, event))

    assert [call["hs_call_body"] for call in world.hubspot.objects["calls"].values()] == ["&lt;script&gt;"]


REFUSALS = [
    # HubSpot answers   the run is
    (429,               RetryLater),
    (423,               RetryLater),
    (502,               RetryLater),
    (401,               Pause),
    (403,               Pause),
    (400,               GiveUp),
    (302,               GiveUp),
]  # fmt: skip


@pytest.mark.parametrize(("status", "outcome"), REFUSALS)
def test_a_refusal_decides_what_becomes_of_the_run(world, status, outcome):
    world.fail("hubspot", status=status)

    with pytest.raises(outcome, match=str(status)):
        keep_contact(completed(), run_at(world, completed()))
