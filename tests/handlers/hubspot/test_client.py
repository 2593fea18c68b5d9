import json

from tests.handlers.hubspot.account import keep, records
from tests.support.tools import completed


def test_a_summary_that_is_too_long_is_cut_and_its_long_answer_read(world):
    outcome = keep(world, completed(summary="<é" * 30_000))

    [call] = records(world, "calls")
    assert outcome.startswith("call ")
    assert 59_990 < len(call["hs_call_body"]) <= 60_001


def test_207_without_errors_is_a_success(world):
    done = {"status": "COMPLETE", "results": [{"id": "7", "new": True, "properties": {}}]}
    world.fail("hubspot", status=207, body=json.dumps(done), path="calls/batch")
    world.fail("hubspot", status=200, body="{}", path="associations")

    assert keep(world, completed()).startswith("call 7, ")
