import json

import pytest

from handlers.google_sheets.sheet import letter
from receiver.errors import RetryLater
from tests.handlers.google_sheets.rows import append, append_row, calls, keys, run_at, sent
from tests.support.tools import booked, completed


def test_what_looks_like_a_formula_stays_text(world, env):
    event = completed(summary='=HYPERLINK("https://evil.example")', caller_name="+1")

    append_row(event, run_at(world, event, env))

    row = world.sheets.rows("Calls")[0]
    assert (row["summary"], row["caller_name"]) == ('=HYPERLINK("https://evil.example")', "+1")


def test_a_note_below_or_beside_the_table_is_neither_overwritten_nor_in_the_way(world, env):
    world.sheets.tabs["Calls"] = [["delivery_id", "summary", "", "my note"], [], ["", "", "", "total"]]

    append_row(completed(), run_at(world, completed(), env))

    assert world.sheets.tabs["Calls"] == [
        ["delivery_id", "summary", "", "my note"], [], ["", "", "", "total"], ["d-1", "Brakes"],
    ]  # fmt: skip


def test_a_tab_that_was_renamed_or_deleted_is_made_again(world):
    append(world, [completed(key="d-1")])
    world.sheets.tabs["Old calls"] = world.sheets.tabs.pop("Calls")

    append(world, [completed(key="d-2")])

    assert (keys(world, "Old calls"), keys(world)) == (["d-1"], ["d-2"])


def test_a_tab_that_differs_in_capitals_only_is_not_made_twice(world):
    world.sheets.tabs["CALLS"] = []

    (outcome,) = append(world, [completed()])

    assert (type(outcome), "capitals" in str(outcome)) == (RetryLater, True)


@pytest.mark.parametrize(("place", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ")])
def test_a_column_is_called_by_its_letters(place, letters):
    assert letter(place) == letters


def test_a_new_tab_is_made_with_its_first_row_in_one_request(world):
    append(world, [completed()])

    assert world.sheets.calls == ["GET spreadsheet", "POST addSheet", "POST appendCells"]


STATES = [
    {},
    {"hidden_rows": {"Calls": {2, 3}}},
    {"hidden_rows": {"Calls": {1, 2, 3}}},
    {"hidden_columns": {"Calls": {13}}},
]


@pytest.mark.parametrize("state", STATES, ids=str)
@pytest.mark.parametrize("cleared", [False, True], ids=["whole", "a row cleared"])
def test_a_row_lands_below_the_last_and_looks_like_no_other(world, state, cleared):
    append(world, calls(3))
    if cleared:
        world.sheets.tabs["Calls"][2] = []
    before = [list(row) for row in world.sheets.tabs["Calls"]]
    vars(world.sheets).update(state)

    append(world, [completed(key="d-4"), completed(key="d-5")])

    assert world.sheets.tabs["Calls"][:4] == before
    assert [row["delivery_id"] for row in world.sheets.rows("Calls")[3:]] == ["d-4", "d-5"]
    formats = world.sheets.formats["Calls"]
    assert all(formats[0, column]["textFormat"]["bold"] for column in range(14))
    assert not any(formats[row, column]["textFormat"]["bold"] for row in range(1, 6) for column in range(14))
    assert {formats[row, 0]["wrapStrategy"] for row in range(1, 6)} == {"CLIP"}


def test_a_number_stays_a_number_a_phone_number_and_a_formula_stay_text(world):
    append(world, [completed(summary="=IMPORTXML(1)", duration_seconds=75)])

    [request] = [json.loads(e.body)["requests"][0] for e in world.exchanges if b"appendCells" in e.body]
    cells = request["appendCells"]["rows"][0]["values"]
    header = world.sheets.tabs["Calls"][0]
    shown = {name: cells[header.index(name)] for name in ("caller_phone", "summary", "duration_seconds")}
    assert {name: cell["userEnteredValue"] for name, cell in shown.items()} == {
        "caller_phone": {"stringValue": "+15550100"},
        "summary": {"stringValue": "=IMPORTXML(1)"},
        "duration_seconds": {"numberValue": 75},
    }
    assert shown["caller_phone"]["userEnteredFormat"]["numberFormat"] == {"type": "TEXT"}
    assert world.sheets.rows("Calls")[0]["summary"] == "=IMPORTXML(1)"


def test_a_column_of_the_owners_keeps_its_format(world):
    world.sheets.tabs["Calls"] = [["delivery_id", "called back on", "summary"]]

    append(world, [completed()])

    assert world.sheets.formats.get("Calls", {}) == {}
    assert world.sheets.tabs["Calls"][1] == ["d-1", "", "Brakes"]


def test_a_tab_that_was_renamed_and_made_anew_by_hand_gets_the_next_row(world):
    append(world, calls(1))
    sheets = world.sheets
    sheets.tabs = {"Calls 2025": sheets.tabs["Calls"], "Calls": [list(sheets.tabs["Calls"][0])]}
    sheets.ids = {number: "Calls 2025" for number in sheets.ids}

    append(world, [completed(key="d-2")])

    assert [keys(world, tab) for tab in ("Calls 2025", "Calls")] == [["d-1"], ["d-2"]]


def test_a_tab_that_is_deleted_at_that_moment_is_made_again(world):
    append(world, calls(1))
    world.watch = lambda name, path, stage: (
        (world.sheets.tabs.clear(), world.sheets.ids.clear()) if stage == "received" and "append" in path else None
    )

    (lost,) = append(world, [completed(key="d-2")])
    world.watch = lambda name, path, stage: None
    append(world, [completed(key="d-2")], attempt=2)

    assert (type(lost), "made again" in str(lost)) == (RetryLater, True)
    assert keys(world) == ["d-2"]


DATES = {"appointment_date": ("DATE", 46078), "appointment_time_start": ("DATE_TIME", 46078.5)}


def test_times_and_days_are_numbers_with_a_dates_format_in_the_businesss_zone(world, env):
    event = booked(appointment_date="2026-02-25")

    append_row(event, run_at(world, event, env | {"BUSINESS_TIMEZONE": "Europe/Madrid"}))

    cells, _ = sent(world, "appendCells")
    for name, (kind, number) in DATES.items():
        assert cells[name]["userEnteredValue"] == {"numberValue": number}
        assert cells[name]["userEnteredFormat"]["numberFormat"]["type"] == kind
    row = world.sheets.rows("Appointments")[0]
    assert (row["appointment_date"], row["appointment_time_start"]) == ("2026-02-25", "2026-02-25 12:00")


def test_a_time_that_cannot_be_read_stays_text_in_the_same_column(world, env):
    event = booked(appointment_time_start="tomorrow at ten")

    append_row(event, run_at(world, event, env))

    assert sent(world, "appendCells")[0]["appointment_time_start"]["userEnteredValue"] == {
        "stringValue": "tomorrow at ten"
    }


def test_in_a_tab_from_before_times_stay_the_texts_that_they_were(world, env):
    world.sheets.tabs["Appointments"] = [["appointment_time_start", "delivery_id"], ["2026-02-25 12:00:00", "d-0"]]

    append_row(booked(), run_at(world, booked(), env | {"BUSINESS_TIMEZONE": "Europe/Madrid"}))

    assert world.sheets.tabs["Appointments"][1:] == [["2026-02-25 12:00:00", "d-0"], ["2026-02-25 12:00:00", "d-1"]]


def test_a_format_that_people_choose_for_a_column_is_that_of_the_next_rows(world, env):
    world.sheets.tabs["Appointments"] = [["appointment_time_start", "delivery_id"]]
    chosen = {"type": "DATE_TIME", "pattern": "dd-mm-yyyy hh:mm"}
    world.sheets.columns["Appointments"] = {0: {"numberFormat": chosen}}

    append_row(booked(), run_at(world, booked(), env))

    assert sent(world, "appendCells")[0]["appointment_time_start"]["userEnteredFormat"]["numberFormat"] == chosen
    assert world.sheets.rows("Appointments")[0]["appointment_time_start"] == "25-02-2026 11:00"


def test_times_are_dates_also_where_a_column_of_the_owners_stands_between(world, env):
    append_row(booked(), run_at(world, booked(), env))
    for row in world.sheets.tabs["Appointments"]:
        row.insert(0, "")

    world.sheets.columns["Appointments"] = {
        place + 1: shape for place, shape in world.sheets.columns["Appointments"].items()
    }
    append_row(booked("d-2"), run_at(world, booked("d-2"), env))

    _, fields = sent(world, "appendCells")
    assert fields == "userEnteredValue"
    assert world.sheets.rows("Appointments")[1]["appointment_time_start"] == "2026-02-25 11:00"
