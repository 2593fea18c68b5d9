import base64
import json

import pytest

from handlers.google_sheets import append_row
from receiver import registry
from receiver.errors import GiveUp, Pause, RetryLater
from tests.tools import a_run, booked, completed, lead


def run_at(world, event, env=None, **changes):
    return a_run("google_sheets.append_row", env or world.env, event, **changes)


@pytest.fixture
def env(world):
    return world.env


def test_each_kind_of_event_has_a_tab_with_a_header_and_a_row(world, env):
    outcomes = [append_row(event, run_at(world, event, env)) for event in (completed(), booked(), lead())]

    assert list(world.sheets.tabs) == ["Calls", "Appointments", "Leads"]
    assert [outcome.split(":")[0] for outcome in outcomes] == ["Calls!A2", "Appointments!A2", "Leads!A2"]
    row = world.sheets.rows("Calls")[0]
    assert (row["delivery_id"], row["caller_phone"], row["summary"], row["duration_seconds"]) == (
        "d-1", "+15550100", "Brakes", "55",
    )  # fmt: skip


def test_what_looks_like_a_formula_stays_text(world, env):
    event = completed(summary='=HYPERLINK("https://evil.example")', caller_name="+1")

    append_row(event, run_at(world, event, env))

    row = world.sheets.rows("Calls")[0]
    assert (row["summary"], row["caller_name"]) == ('=HYPERLINK("https://evil.example")', "+1")


def test_columns_are_found_by_name_so_the_owner_may_move_and_add_them(world, env):
    world.sheets.tabs["Calls"] = [["mine", "summary", "delivery_id"]]

    append_row(completed(), run_at(world, completed(), env))

    assert world.sheets.tabs["Calls"][1] == ["", "Brakes", "d-1"]


def test_a_row_that_arrived_although_its_answer_did_not_is_not_added_again(world, env):
    append_row(completed(key="d-0"), run_at(world, completed(key="d-0"), env))
    world.fail("sheets", mode="drop", path="append")

    with pytest.raises(RetryLater):
        append_row(completed(), run_at(world, completed(), env))
    outcome = append_row(completed(), run_at(world, completed(), env, attempt=2))

    assert [row["delivery_id"] for row in world.sheets.rows("Calls")] == ["d-0", "d-1"]
    assert outcome == "Calls!A3"


REFUSALS = [
    # status  Google says                                             the run is
    (429,     {"status": "RESOURCE_EXHAUSTED"},                        RetryLater, "quota"),
    (403,     {"message": "x", "reason": "rateLimitExceeded"},         RetryLater, "quota"),
    (503,     {},                                                      RetryLater, "503"),
    (403,     {"status": "PERMISSION_DENIED"},                         Pause,      "receiver@demo.iam.gserviceaccount.com"),
    (403,     {"reason": "SERVICE_DISABLED"},                          Pause,      "not enabled"),
    (404,     {"status": "NOT_FOUND"},                                 Pause,      "GOOGLE_SHEET_ID"),
    (400,     {"message": "above the limit of 10000000 cells"},        GiveUp,     "400"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "error", "outcome", "reason"), REFUSALS)
def test_a_refusal_decides_what_becomes_of_the_run(world, env, status, error, outcome, reason):
    body = {"error": {"code": status, "message": "no", "status": "X"} | error}
    world.fail("sheets", status=status, body=json.dumps(body), path="values")

    with pytest.raises(outcome, match=reason):
        append_row(completed(), run_at(world, completed(), env))


def test_a_key_that_google_no_longer_knows_pauses(world, env):
    world.fail("sheets", status=400, body='{"error": "invalid_grant"}', path="token")

    with pytest.raises(Pause, match="key"):
        append_row(completed(), run_at(world, completed(), env))


def test_a_tab_without_the_delivery_id_column_pauses_and_says_so(world, env):
    world.sheets.tabs["Calls"] = [["caller", "summary"]]

    with pytest.raises(Pause, match="delivery_id"):
        append_row(completed(), run_at(world, completed(), env))


def test_the_account_may_come_as_base64_or_as_a_file(world, env, tmp_path):
    text = env["GOOGLE_SERVICE_ACCOUNT_JSON"]
    (tmp_path / "key.json").write_text(text)
    others = {name: value for name, value in env.items() if name != "GOOGLE_SERVICE_ACCOUNT_JSON"}

    append_row(
        completed(key="d-1"),
        run_at(
            world,
            completed(key="d-1"),
            others | {"GOOGLE_SERVICE_ACCOUNT_JSON": base64.b64encode(text.encode()).decode()},
        ),
    )
    append_row(
        completed(key="d-2"),
        run_at(world, completed(key="d-2"), others | {"GOOGLE_APPLICATION_CREDENTIALS": str(tmp_path / "key.json")}),
    )

    assert [row["delivery_id"] for row in world.sheets.rows("Calls")] == ["d-1", "d-2"]


@pytest.mark.parametrize("text", ["{", "{}", "bm90IGpzb24=", "nonsense"])
def test_an_account_that_cannot_be_read_is_misconfigured(text):
    handler = registry.load("handlers")["google_sheets.append_row"]

    activation = handler.activate({"GOOGLE_SERVICE_ACCOUNT_JSON": text, "GOOGLE_SHEET_ID": "x"})

    assert activation.state == "misconfigured"
    assert "GOOGLE_SERVICE_ACCOUNT_JSON" in activation.why
