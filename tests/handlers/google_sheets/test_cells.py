import pytest

from tests.handlers.google_sheets.rows import append_row, run_at
from tests.support.tools import booked, completed


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
