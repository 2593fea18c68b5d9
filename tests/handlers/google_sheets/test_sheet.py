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
