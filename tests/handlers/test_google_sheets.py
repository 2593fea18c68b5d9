import json

import pytest

from handlers.google_sheets import append_row as append_rows
from receiver.errors import LeaseLost, Pause, RetryLater
from receiver.events import read_event
from tests.support.tools import a_delivery, a_run, booked, completed, lead


def run_at(world, event, env=None, **changes):
    return a_run("google_sheets.append_row", env or world.env, event, **changes)


def append_row(event, run):
    """One event by itself; what becomes of it."""
    (outcome,) = append_rows([event], [run])
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


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
    assert outcome == "Calls!A3:N3"


HEADERS = [
    # the owner's first row                                    the row that is written
    (["delivery_id", "summary", "caller_phone"],               ["d-1", "Brakes", "+15550100"]),
    (["mine", "summary", "delivery_id"],                       ["", "Brakes", "d-1"]),
    (["summary", "mine", "delivery_id", "mine too"],           ["Brakes", "", "d-1"]),
    (["Delivery ID", "  SUMMARY ", "Caller_Phone"],            ["d-1", "Brakes", "+15550100"]),
    (["delivery_id"],                                          ["d-1"]),
    (["summary", "delivery_id", "summary"],                    ["Brakes", "d-1"]),
    (["delivery_id", "transcript"],                            ["d-1", "Hello?"]),
    (["delivery_id", "reason"],                                ["d-1", ""]),
]  # fmt: skip


@pytest.mark.parametrize(("header", "row"), HEADERS)
def test_columns_are_found_by_name_wherever_their_owner_put_them(world, env, header, row):
    world.sheets.tabs["Calls"] = [header]

    append_row(completed(transcript="Hello?"), run_at(world, completed(transcript="Hello?"), env))

    assert world.sheets.tabs["Calls"] == [header, row]


UNNAMED = [
    # the first row                       becomes, so that Google takes it for one table
    (["", "delivery_id", "summary"],      ["(A)", "delivery_id", "summary"]),
    (["delivery_id", "", "", "summary"],  ["delivery_id", "(B)", "(C)", "summary"]),
    (["delivery_id", "", "note"],         ["delivery_id", "", "note"]),
]  # fmt: skip


@pytest.mark.parametrize(("header", "named"), UNNAMED)
def test_a_column_inserted_without_a_name_disturbs_no_rows(world, env, header, named):
    old = ["x" if name else "" for name in header]
    world.sheets.tabs["Calls"] = [list(header), list(old)]

    for key in ("d-1", "d-2"):
        append_row(completed(key=key), run_at(world, completed(key=key), env))

    assert world.sheets.tabs["Calls"][:2] == [named, old]
    assert [row["delivery_id"] for row in world.sheets.rows("Calls")[1:]] == ["d-1", "d-2"]


def test_a_note_below_or_beside_the_table_is_neither_overwritten_nor_in_the_way(world, env):
    world.sheets.tabs["Calls"] = [["delivery_id", "summary", "", "my note"], [], ["", "", "", "total"]]

    append_row(completed(), run_at(world, completed(), env))

    assert world.sheets.tabs["Calls"] == [
        ["delivery_id", "summary", "", "my note"], ["d-1", "Brakes"], [], ["", "", "", "total"],
    ]  # fmt: skip


def test_columns_and_tabs_are_called_what_the_owner_says(world, env):
    env = env | {
        "GOOGLE_SHEETS_COLUMNS": "caller_phone=Teléfono, caller_name = Nombre,delivery_id=Referencia",
        "GOOGLE_SHEETS_TABS": "call.completed=Las llamadas de mamá's, lead.created=Clientes",
    }

    outcomes = [append_row(event, run_at(world, event, env)) for event in (completed(), lead())]

    assert outcomes == ["'Las llamadas de mamá''s'!A2:N2", "Clientes!A2:K2"]
    row = world.sheets.rows("Clientes")[0]
    assert (row["Teléfono"], row["Nombre"], row["Referencia"]) == ("+15550100", "Ada Moreno", "d-1")


def test_a_column_that_still_has_its_old_name_is_written_after_the_mapping_changed(world, env):
    world.sheets.tabs["Calls"] = [["delivery_id", "caller_phone", "Nombre", "caller_name"]]
    env = env | {"GOOGLE_SHEETS_COLUMNS": "caller_phone=Teléfono, caller_name=Nombre"}

    append_row(completed(), run_at(world, completed(), env))

    assert world.sheets.tabs["Calls"][1] == ["d-1", "+15550100", "Ada Moreno"]


def test_one_tab_for_everything_has_the_columns_of_all(world, env):
    names = ("call.completed", "call.transferred", "appointment.booked", "lead.created", "other")
    env = env | {"GOOGLE_SHEETS_TABS": ", ".join(f"{name}=Todo" for name in names)}
    odd = read_event(a_delivery("call.rated", key="d-9", stars=5))

    for event in (completed(), booked(key="d-2"), odd):
        append_row(event, run_at(world, event, env))

    rows = world.sheets.rows("Todo")
    assert [row["event"] for row in rows] == ["call.completed", "appointment.booked", "call.rated"]
    assert (rows[0]["summary"], rows[1]["service_type"], json.loads(rows[2]["data"])["stars"]) == (
        "Brakes", "Check-up", 5,
    )  # fmt: skip


def test_times_are_shown_where_the_business_is(world, env):
    env = env | {"BUSINESS_TIMEZONE": "Europe/Madrid"}

    append_row(booked(), run_at(world, booked(), env))

    row = world.sheets.rows("Appointments")[0]
    assert row["appointment_time_start"] == "2026-02-25 12:00:00"


HOSTILE = [
    # the caller says                              the cell holds
    ('=HYPERLINK("https://evil.example")',         '=HYPERLINK("https://evil.example")'),
    ("+1234567890",                                "+1234567890"),
    ("@SUM(1)",                                    "@SUM(1)"),
    ("0049",                                       "0049"),
    ("'quoted",                                    "'quoted"),
    ("<b>*bold*</b> <!everyone>",                  "<b>*bold*</b> <!everyone>"),
    ("a\x00b\x07c",                                "abc"),
    ("a\ud83db",                                   "a�b"),
    ("two\nlines\tand a tab",                      "two\nlines\tand a tab"),
    ("\u202eabc",                                  "\u202eabc"),
    ("x" * 50_000,                                 "x" * 49_000 + "…"),
    ("😀" * 30_000,                                "😀" * 24_500 + "…"),
    (None,                                         ""),
    (["a"],                                        ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "held"), HOSTILE)
def test_what_a_caller_says_arrives_as_text(world, env, text, held):
    event = completed(summary=text)

    append_row(event, run_at(world, event, env))

    assert world.sheets.rows("Calls")[0]["summary"] == held


def test_a_number_that_a_cell_cannot_hold_is_written_as_text(world, env):
    event = completed(duration_seconds=10**400)

    append_row(event, run_at(world, event, env))

    assert world.sheets.rows("Calls")[0]["duration_seconds"] == str(10**400)


def test_a_tab_without_the_delivery_id_column_pauses_and_says_so(world, env):
    world.sheets.tabs["Calls"] = [["caller", "summary"]]

    with pytest.raises(Pause, match="delivery_id"):
        append_row(completed(), run_at(world, completed(), env))


def test_google_is_not_written_to_by_a_worker_that_lost_its_run(world, env):
    def lost():
        raise LeaseLost

    with pytest.raises(LeaseLost):
        append_row(completed(), run_at(world, completed(), env, check_lease=lost))

    assert world.sheets.tabs == {}
