import pytest

from handlers.google_sheets.cells import as_json, cell, in_zone
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


CELLS = [
    # the value      the cell
    (75,             75),
    (2**53 - 1,      2**53 - 1),
    (2**53,          str(2**53)),
    (-(2**53),       str(-(2**53))),
    ("\x7fa\tb\n",   "a\tb\n"),
    (None,           ""),
    (1.5,            ""),
    ("x" * 49_000,   "x" * 49_000),
    ("x" * 49_001,   "x" * 49_000 + "…"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "held"), CELLS, ids=range(len(CELLS)))
def test_a_value_becomes_what_a_cell_can_hold(value, held):
    assert cell(value) == held


@pytest.mark.parametrize(
    ("moment", "zone", "shown"),
    [
        ("2026-02-25T11:00:00Z", "UTC", "2026-02-25T11:00:00Z"),
        ("2026-02-25T11:00:00Z", "Europe/Madrid", "2026-02-25 12:00:00"),
        ("2026-02-25T11:00:00-05:00", "Europe/Madrid", "2026-02-25 17:00:00"),
        ("tomorrow", "Europe/Madrid", "tomorrow"),
        ("9999-12-31T23:59:59Z", "Asia/Tokyo", "9999-12-31T23:59:59Z"),
    ],
)
def test_a_time_is_shown_in_the_businesss_zone_or_as_it_came(moment, zone, shown):
    assert in_zone(moment, zone) == shown


def test_data_that_is_nested_too_deep_stands_as_it_came():
    nested = value = []
    for _ in range(100_000):
        value.append([])
        value = value[0]

    assert as_json({"nested": nested}, b'{"as": "it came"}') == '{"as": "it came"}'
