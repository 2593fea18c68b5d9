import pytest

from receiver import registry
from tests.handlers.google_sheets.rows import append_row, run_at
from tests.support.tools import booked, completed, lead


def test_each_kind_of_event_has_a_tab_with_a_header_and_a_row(world):
    outcomes = [append_row(event, run_at(world, event)) for event in (completed(), booked(), lead())]

    assert list(world.sheets.tabs) == ["Calls", "Appointments", "Leads"]
    assert outcomes == [f"{tab}, row of d-1" for tab in ("Calls", "Appointments", "Leads")]
    row = world.sheets.rows("Calls")[0]
    assert (row["delivery_id"], row["caller_phone"], row["summary"], row["duration_seconds"]) == (
        "d-1", "+15550100", "Brakes", "55",
    )  # fmt: skip


def test_the_worker_is_told_to_keep_to_the_quota():
    handler = registry.load("handlers")["google_sheets.append_row"]

    assert (handler.batch, handler.parallel, handler.pace_s) == (200, 1, 1)


SETTINGS = [
    ({"GOOGLE_SHEETS_COLUMNS": "caller_fone=Teléfono"},                      "caller_fone"),
    ({"GOOGLE_SHEETS_COLUMNS": "caller_phone"},                              "name=text"),
    ({"GOOGLE_SHEETS_COLUMNS": "caller_phone="},                             "name=text"),
    ({"GOOGLE_SHEETS_COLUMNS": "caller_phone=Quién, caller_name=quién"},     "the same name"),
    ({"GOOGLE_SHEETS_TABS": "call.finished=Llamadas"},                       "call.finished"),
    ({"GOOGLE_SHEETS_TABS": f"call.completed={'x' * 101}"},                  "100 characters"),
    ({"GOOGLE_SHEETS_LAYOUT": "call"},                                       "GOOGLE_SHEETS_LAYOUT should be events"),
    ({"GOOGLE_SHEET_ID": "https://docs.google.com/document/u/0/"},           "GOOGLE_SHEET_ID"),
    ({"GOOGLE_SHEET_ID": "my sheet"},                                        "GOOGLE_SHEET_ID"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "sentence"), SETTINGS)
def test_a_setting_that_cannot_be_understood_is_misconfigured_and_says_so(world, changes, sentence):
    activation = registry.load("handlers")["google_sheets.append_row"].activate(world.env | changes)

    assert (activation.state, sentence in activation.why) == ("misconfigured", True)
