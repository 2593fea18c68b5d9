import pytest

from handlers.hubspot.properties import check, setup
from receiver.errors import GiveUp
from tests.support.crm import hubspot_env


def test_what_is_to_be_made_is_said_before_it_is_made_once(world):
    world.hubspot.forget_properties()

    steps = setup(hubspot_env(world))
    first, before = next(steps), [dict(made) for made in world.hubspot.properties.values()]
    lines, again = list(steps), list(setup(hubspot_env(world)))

    assert first.startswith(
        "To be made, of 5000 that the account still takes: contacts: inboundflow_phone_e164, calls: "
    )
    assert before == [{}, {}, {}, {}]
    assert {line.rpartition(" ")[2] for line in lines} == {"made"}
    assert again == ["Nothing is to be made", *(line.replace(" made", " was there") for line in lines)]
    assert len(lines) == 7  # a unique one for each object, and the deliveries on all but contacts


@pytest.mark.parametrize(("room", "says"), [({"room_in_all": 4}, "takes 4 more"), ({"room": 1}, "1 more .* for calls")])
def test_where_the_account_has_no_room_nothing_is_made_and_what_is_lacking_is_named(world, room, says):
    world.hubspot.forget_properties()
    vars(world.hubspot).update(room)

    with pytest.raises(GiveUp, match=rf"{says}.*notes: inboundflow_note_key|{says}.*inboundflow_delivery_id"):
        list(setup(hubspot_env(world)))
    assert [*world.hubspot.properties.values()] == [{}, {}, {}, {}]


def test_where_the_limits_cannot_be_read_the_properties_are_made_all_the_same(world):
    world.hubspot.forget_properties()
    world.fail("hubspot", status=403, path="limits")

    lines = list(setup(hubspot_env(world)))

    assert (lines[0].partition(":")[0], len(lines)) == ("To be made", 8)


def test_contacts_go_by_a_property_that_must_be_unique(world):
    world.hubspot.properties["contacts"]["inboundflow_phone_e164"]["hasUniqueValue"] = False

    for ask in (setup, check):
        with pytest.raises(GiveUp, match="contacts have a property inboundflow_phone_e164 without unique values"):
            list(ask(hubspot_env(world)))


def test_where_notes_take_no_unique_property_a_plain_one_is_made_and_that_is_said(world):
    world.hubspot.forget_properties()
    world.hubspot.takes_no_unique = {"notes"}

    made, again, checked = (list(ask(hubspot_env(world))) for ask in (setup, setup, check))

    says = "without unique values: each is looked for before it is written"
    for word, lines in (("made", made), ("was there", again), ("is there", checked)):
        assert f"notes: inboundflow_note_key {word}, {says}" in lines
    assert world.hubspot.properties["notes"]["inboundflow_note_key"]["hasUniqueValue"] is False


def test_a_check_names_the_property_that_is_missing_and_makes_nothing(world):
    del world.hubspot.properties["notes"]["inboundflow_note_key"]

    with pytest.raises(GiveUp, match="notes have no property inboundflow_note_key: receiver setup hubspot"):
        list(check(hubspot_env(world)))
    assert "inboundflow_note_key" not in world.hubspot.properties["notes"]


@pytest.mark.parametrize(
    ("stage", "says"), [("lead", "stage lead is there"), ("patient", "no lifecycle stage patient")]
)
def test_a_check_says_whether_the_stage_of_leads_is_there(world, stage, says):
    lines = list(check(hubspot_env(world) | {"HUBSPOT_LEAD_STAGE": stage}))

    assert says in lines[-1]
