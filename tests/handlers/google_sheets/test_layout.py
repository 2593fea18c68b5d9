import json

import pytest

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
