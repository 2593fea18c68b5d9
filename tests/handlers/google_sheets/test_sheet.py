import pytest

from handlers.google_sheets.sheet import letter, row_ranges
from receiver.errors import RetryLater
from tests.handlers.google_sheets.rows import append, append_row, keys, run_at
from tests.support.tools import completed


def test_what_looks_like_a_formula_stays_text(world, env):
    event = completed(summary='=HYPERLINK("https://evil.example")', caller_name="+1")

    append_row(event, run_at(world, event, env))

    row = world.sheets.rows("Calls")[0]
    assert (row["summary"], row["caller_name"]) == ('=HYPERLINK("https://evil.example")', "+1")


def test_a_note_below_or_beside_the_table_is_neither_overwritten_nor_in_the_way(world, env):
    world.sheets.tabs["Calls"] = [["delivery_id", "summary", "", "my note"], [], ["", "", "", "total"]]

    append_row(completed(), run_at(world, completed(), env))

    assert world.sheets.tabs["Calls"] == [
        ["delivery_id", "summary", "", "my note"], ["d-1", "Brakes"], [], ["", "", "", "total"],
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


RANGES = [
    # the range that Google names      that of each row
    ("Calls!A7:N8",                    ["Calls!A7:N7", "Calls!A8:N8"]),
    ("'Mamá''s!x'!B9:C10",             ["'Mamá''s!x'!B9:C9", "'Mamá''s!x'!B10:C10"]),
    ("Calls!A7",                       ["Calls!A7:A7", "Calls!A8:A8"]),
    ("somewhere",                      ["somewhere", "somewhere"]),
]  # fmt: skip


@pytest.mark.parametrize(("whole", "ranges"), RANGES)
def test_each_row_of_an_append_has_its_own_range(whole, ranges):
    assert row_ranges(whole, 2) == ranges


def test_a_new_tab_is_made_with_its_first_row_in_one_request(world):
    append(world, [completed()])

    assert world.sheets.calls == ["GET values", "POST :batchUpdate", "POST :append"]
