"""What an account of its own kind takes of a call, a meeting and a note, and what it does not."""

import re

import pytest

from handlers.hubspot.activities import CONNECTED
from receiver.registry import Earlier
from tests.handlers.hubspot.account import keep, records
from tests.support.tools import booked, completed, lead

OWNED = {"HUBSPOT_OWNER_ID": "7"}


def test_a_call_has_its_outcome_its_source_and_who_dialled(world):
    keep(world, completed())

    [call] = records(world, "calls")
    [contact] = world.hubspot.objects["contacts"]
    assert (call["hs_call_disposition"], call["hs_call_source"]) == (CONNECTED, "INTEGRATIONS_PLATFORM")
    assert (call["hs_call_callee_object_id"], call["hs_call_callee_object_type_id"]) == (contact, "0-1")
    assert "hubspot_owner_id" not in call


def test_an_account_that_removed_the_outcome_gets_calls_without_one_and_is_asked_once(world):
    del world.hubspot.outcomes[CONNECTED]

    outcomes = [keep(world, completed(f"d-{n}", call_id=f"c-{n}")) for n in (1, 2)]

    assert ["hs_call_disposition" in call for call in records(world, "calls")] == [False, False]
    assert ["without" in outcome for outcome in outcomes] == [False, False]
    assert len([one for one in world.exchanges if one.path.endswith("hs_call_disposition")]) == 1


def test_what_is_new_belongs_to_the_owner_that_is_named(world):
    for event in (completed(), booked("d-2"), lead("d-3")):
        keep(world, event, env=OWNED)

    kinds = ("contacts", "calls", "meetings", "notes")
    assert [record["hubspot_owner_id"] for kind in kinds for record in records(world, kind)] == ["7"] * 4
    assert records(world, "meetings")[0]["hs_meeting_outcome"] == "SCHEDULED"


def test_what_people_decided_about_a_call_or_a_meeting_stays(world):
    events = [completed(), booked("d-2"), lead("d-3")]
    for event in events:
        keep(world, event, env=OWNED)
    decided = {
        "calls": {"hubspot_owner_id": "77", "hs_call_disposition": "b2cf5968-551e-4856-9783-52b3da59a7d0"},
        "meetings": {"hubspot_owner_id": "77", "hs_meeting_outcome": "COMPLETED"},
        "notes": {"hubspot_owner_id": "77"},
    }
    for kind, properties in decided.items():
        records(world, kind)[0].update(properties)

    for event in events:
        keep(world, event, env=OWNED)

    kept = {kind: records(world, kind)[0] for kind in decided}
    assert [kind for kind in decided if kept[kind] | decided[kind] != kept[kind]] == []


def test_an_owner_who_left_is_left_out_and_the_outcome_says_so(world):
    outcome = keep(world, completed(), env={"HUBSPOT_OWNER_ID": "404"})

    [call], [contact] = records(world, "calls"), records(world, "contacts")
    assert ("hubspot_owner_id" in call, "hubspot_owner_id" in contact) == (False, False)
    without = r"without hubspot_owner_id \(INVALID_OWNER_ID\)"
    assert re.fullmatch(rf"call \d+ {without}, person \d+, {without}", outcome)


def test_one_of_hubspots_own_properties_that_the_account_lacks_is_left_out(world):
    world.hubspot.lacking = {"hs_call_source", "hs_call_recording_url"}

    outcome = keep(world, completed(recording_url="https://r.example/1.mp3"))

    assert " without hs_call_recording_url, hs_call_source (PROPERTY_DOESNT_EXIST), person " in outcome
    assert "https://r.example/1.mp3" in records(world, "calls")[0]["hs_call_body"]


def plain(world, *kinds):
    """An account that takes no unique properties of these kinds, as `setup` leaves it."""
    for kind in kinds:
        for name in world.hubspot.properties[kind]:
            world.hubspot.properties[kind][name]["hasUniqueValue"] = False


@pytest.mark.parametrize("lags", [False, True])
def test_without_unique_values_each_is_looked_for_and_none_is_doubled(world, lags):
    plain(world, "calls", "meetings", "notes")
    world.hubspot.search_lags = lags
    done = []

    for event in 2 * [lead("d-3", caller_email="ada@example.c0m"), completed(), booked("d-2")]:
        done.append(Earlier(event=event, outcome=keep(world, event, done=done)))

    assert [len(records(world, kind)) for kind in ("contacts", "calls", "meetings", "notes")] == [1, 1, 1, 2]
    [contact] = world.hubspot.objects["contacts"]
    assert {(kind, end) for kind, _, end in world.hubspot.associations} == {
        (kind, contact) for kind in ("calls", "meetings", "notes")
    }


def test_without_unique_values_an_attempt_of_unknown_end_doubles_nothing(world):
    plain(world, "calls")
    world.hubspot.search_lags = True

    for attempt in (1, 2):
        keep(world, completed(), attempt=attempt)
    keep(world, completed("d-2", call_id="call-2"))

    assert [call["inboundflow_call_id"] for call in records(world, "calls")] == ["call-1", "call-2"]


def test_without_unique_values_what_was_on_nobody_comes_to_its_person(world):
    plain(world, "calls")
    first = completed(caller_phone="anonymous")
    outcome = keep(world, first)

    keep(world, completed("d-2"), done=[Earlier(event=first, outcome=outcome)])

    [call] = world.hubspot.objects["calls"]
    assert [(kind, made) for kind, made, _ in world.hubspot.associations] == [("calls", call)]


def test_without_unique_values_a_call_of_nobody_is_found_by_the_search(world):
    plain(world, "calls")

    for _ in range(2):
        keep(world, completed(caller_phone="anonymous"))

    assert len(records(world, "calls")) == 1
