import json

import pytest

from handlers.google_sheets.layout import alike, read_layout
from receiver.errors import ConfigurationError
from receiver.events import read_event
from tests.handlers.google_sheets.rows import append_row, run_at
from tests.support.tools import a_delivery, booked, completed, lead


def test_columns_are_found_by_name_so_the_owner_may_move_and_add_them(world, env):
    world.sheets.tabs["Calls"] = [["mine", "summary", "delivery_id"]]

    append_row(completed(), run_at(world, completed(), env))

    assert world.sheets.tabs["Calls"][1] == ["", "Brakes", "d-1"]


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


def test_columns_and_tabs_are_called_what_the_owner_says(world, env):
    env = env | {
        "GOOGLE_SHEETS_COLUMNS": "caller_phone=Teléfono, caller_name = Nombre,delivery_id=Referencia",
        "GOOGLE_SHEETS_TABS": "call.completed=Las llamadas de mamá's, lead.created=Clientes",
    }

    outcomes = [append_row(event, run_at(world, event, env)) for event in (completed(), lead())]

    assert outcomes == ["Las llamadas de mamá's, row of d-1", "Clientes, row of d-1"]
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


NONE = {
    "GOOGLE_SHEETS_TABS": "",
    "GOOGLE_SHEETS_COLUMNS": "",
    "GOOGLE_SHEETS_LAYOUT": "events",
    "BUSINESS_LANGUAGE": "en",
}
SUMMARY_AS_NOTE = NONE | {"GOOGLE_SHEETS_COLUMNS": "summary=Note"}

FIRST_ROWS = [
    # the settings    the owner's first row                        the columns that are written
    (NONE,            [],                                          {}),
    (NONE,            ["", "  ", "delivery_id"],                   {"delivery_id": 2}),
    (NONE,            ["Caller_Phone", "DELIVERY  id", "mine"],    {"caller_phone": 0, "delivery_id": 1}),
    (NONE,            ["summary", "delivery_id", "Summary"],       {"summary": 0, "delivery_id": 1}),
    (SUMMARY_AS_NOTE, ["summary", "note"],                         {"summary": 1}),
    (SUMMARY_AS_NOTE, ["summary"],                                 {"summary": 0}),
]  # fmt: skip


@pytest.mark.parametrize(("settings", "header", "places"), FIRST_ROWS)
def test_a_first_row_says_where_each_field_goes(settings, header, places):
    assert read_layout(settings).places(header) == places


def test_a_column_named_for_one_field_is_not_anothers_too():
    layout = read_layout(NONE | {"GOOGLE_SHEETS_COLUMNS": "intent=Summary"})

    assert layout.places(["summary", "delivery_id"]) == {"intent": 0, "delivery_id": 1}


@pytest.mark.parametrize("other", ["TELÉFONO", " teléfono ", "Tele\u0301fono"])
def test_names_are_alike_whatever_their_case_spaces_and_accents(other):
    assert alike(other) == alike("Teléfono")


def test_a_new_tab_has_the_columns_of_its_events_between_the_callers_and_the_ids():
    header = read_layout(NONE | {"GOOGLE_SHEETS_COLUMNS": "interest=Interés"}).header("Leads")

    assert header == [
        "received_at", "caller_name", "caller_phone", "caller_email", "Interés", "intent", "urgency", "call_summary",
        "event", "call_id", "delivery_id", "status", "called_back_by", "notes",
    ]  # fmt: skip


def test_an_event_that_is_not_ours_goes_to_the_other_tab():
    layout = read_layout(NONE | {"GOOGLE_SHEETS_TABS": "other=Rest"})

    assert (layout.tab("call.rated"), layout.tab("lead.created")) == ("Rest", "Leads")


def test_two_tabs_that_differ_in_capitals_are_one():
    layout = read_layout(NONE | {"GOOGLE_SHEETS_TABS": "call.completed=Todo, lead.created=TODO"})

    assert (layout.tab("call.completed"), layout.tab("lead.created")) == ("Todo", "Todo")


@pytest.mark.parametrize("tabs", ["nonsense", "lead.created=", "lead.made=Leads", f"lead.created={'x' * 101}"])
def test_tabs_that_cannot_be_understood_are_a_configuration_error(tabs):
    with pytest.raises(ConfigurationError, match="GOOGLE_SHEETS_TABS"):
        read_layout(NONE | {"GOOGLE_SHEETS_TABS": tabs})


def test_a_row_for_each_call_has_the_columns_of_all_events():
    layout = read_layout(NONE | {"GOOGLE_SHEETS_LAYOUT": "calls", "GOOGLE_SHEETS_COLUMNS": "notes=Notas"})

    assert {layout.tab(event) for event in ("call.completed", "lead.created", "appointment.booked")} == {"Calls"}
    assert layout.tab("call.rated") == "Other"
    assert layout.header("Calls") == [
        "received_at", "caller_name", "caller_phone", "caller_email", "summary", "intent", "urgency", "service_type",
        "appointment_time_start", "interest", "transferred_to_label", "reason", "duration_seconds", "recording_url",
        "calendar_event_link", "event", "call_id", "delivery_id", "status", "called_back_by", "Notas",
    ]  # fmt: skip


def test_a_column_of_the_staffs_that_has_the_name_of_a_field_is_left_out():
    layout = read_layout(NONE | {"GOOGLE_SHEETS_COLUMNS": "intent=Status, reason=NOTES"})

    assert layout.header("Calls")[-3:] == ["delivery_id", "called_back_by", "notes"]
    assert layout.header("Transfers")[-2:] == ["status", "called_back_by"]
