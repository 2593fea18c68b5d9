import pytest

from handlers.hubspot.properties import OURS, check, setup
from receiver.errors import GiveUp
from tests.support.crm import hubspot_env


def test_the_properties_of_ours_are_made_once(world):
    world.hubspot.forget_properties()

    lines = list(setup(hubspot_env(world)))
    again = list(setup(hubspot_env(world)))

    assert {line.rpartition(" ")[2] for line in lines} == {"made"}
    assert again == [line.replace(" made", " was there") for line in lines]
    assert len(lines) == 7  # a unique one for each object, and the deliveries on all but contacts


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, (name, _) in OURS.items()])
def test_a_property_that_is_there_must_be_unique(world, kind, name):
    world.hubspot.properties[kind][name]["hasUniqueValue"] = False

    for ask in (setup, check):
        with pytest.raises(GiveUp, match=f"{kind} have a property {name} without unique values"):
            list(ask(hubspot_env(world)))


def test_a_check_names_the_property_that_is_missing_and_makes_nothing(world):
    del world.hubspot.properties["notes"]["inboundflow_note_key"]

    with pytest.raises(GiveUp, match="notes have no property inboundflow_note_key: receiver setup hubspot"):
        list(check(hubspot_env(world)))
    assert "inboundflow_note_key" not in world.hubspot.properties["notes"]
