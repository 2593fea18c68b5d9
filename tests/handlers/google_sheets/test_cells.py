import pytest

from handlers.google_sheets.cells import Moment, as_json, cell, day, in_zone, moment
from tests.handlers.google_sheets.rows import append_row, run_at
from tests.support.tools import booked, completed


def test_times_are_shown_where_the_business_is(world, env):
    env = env | {"BUSINESS_TIMEZONE": "Europe/Madrid"}

    append_row(booked(), run_at(world, booked(), env))

    row = world.sheets.rows("Appointments")[0]
    assert row["appointment_time_start"] == "2026-02-25 12:00"


SERIALS = [
    # it came as                      where          the cell holds
    ("2026-02-25T11:00:00Z",          "UTC",           46078 + 11 / 24),
    ("2026-02-25T11:00:00Z",          "Europe/Madrid", 46078 + 12 / 24),
    ("2026-07-25T11:00:00Z",          "Europe/Madrid", 46228 + 13 / 24),
    ("2026-02-25T23:30:00Z",          "Europe/Madrid", 46079 + 1 / 48),
    ("2026-02-25T11:00:00-05:00",     "UTC",           46078 + 16 / 24),
    ("2026-02-25T11:00:00.500Z",      "UTC",           46078 + (11 * 3600 + 0.5) / 86400),
]  # fmt: skip
TEXTS = [
    "tomorrow", "10:00 AM", "", "2026-02-25", "9999-12-31T23:59:59Z", "1799-01-01T00:00:00Z", "0001-01-01T00:00:00Z",
]  # fmt: skip


@pytest.mark.parametrize(("text", "zone", "number"), SERIALS)
def test_a_time_is_the_number_of_days_that_google_counts_where_the_business_is(text, zone, number):
    assert moment(text, zone).serial == pytest.approx(number, abs=1e-7)


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_no_time_is_written_as_text(text):
    assert moment(text, "Asia/Tokyo") == in_zone(text, "Asia/Tokyo")


@pytest.mark.parametrize(
    ("text", "cell"), [("2026-02-25", Moment("2026-02-25", 46078)), ("2026-02-30", "2026-02-30"), ("Monday", "Monday")]
)
def test_a_day_is_a_number_too(text, cell):
    assert day(text) == cell


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
