import json

import pytest

from handlers.hubspot.client import PROPERTIES, Client, unique_property
from receiver.errors import RetryLater
from tests.handlers.hubspot.account import keep, records, refusal
from tests.support.crm import hubspot_env
from tests.support.tools import completed


def test_a_summary_that_is_too_long_is_cut_and_its_long_answer_read(world):
    outcome = keep(world, completed(summary="<é" * 30_000))

    [call] = records(world, "calls")
    assert outcome.startswith("call ")
    assert 59_990 < len(call["hs_call_body"]) <= 60_001


def test_207_without_errors_is_a_success(world):
    done = {"status": "COMPLETE", "results": [{"id": "7", "new": True, "properties": {}}]}
    world.fail("hubspot", status=207, body=json.dumps(done), path="calls/batch/upsert")
    world.fail("hubspot", status=200, body="{}", path="associations")

    assert keep(world, completed()).startswith("call 7, ")


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"inputs": [{"idProperty": "inboundflow_call_id", "id": "1"}]}, "inboundflow_call_id"),
        ({"inputs": [{"id": "1"}]}, ""),
        ({"inputs": []}, ""),
        ({"name": "inboundflow_call_id"}, ""),
        (None, ""),
    ],
)
def test_an_upsert_goes_by_the_unique_property_that_it_names(body, name):
    assert unique_property(body) == name


def test_what_exists_already_is_no_error_where_it_may(world):
    world.fail("hubspot", status=409, body=refusal("CONFLICT"), times=2)
    client = Client(hubspot_env(world))

    assert client.ask("POST", f"{PROPERTIES}/calls", {}, may_exist=True) is None
    with pytest.raises(RetryLater, match="409 CONFLICT"):
        client.ask("POST", f"{PROPERTIES}/calls", {})
