"""A new tab's columns for the people who work there."""

import pytest

from tests.handlers.google_sheets.rows import append, append_row, calls, run_at, sent
from tests.support.tools import completed

STATUSES = {
    "en": ["To call back", "No answer", "Called back", "Done"],
    "es": ["Por llamar", "No contesta", "Llamado", "Hecho"],
}


@pytest.mark.parametrize("language", STATUSES)
def test_a_new_tab_has_columns_for_the_staff_and_a_choice_of_statuses(world, env, language):
    append_row(completed(), run_at(world, completed(), env | {"BUSINESS_LANGUAGE": language}))

    header = world.sheets.tabs["Calls"][0]
    assert header[-3:] == ["status", "called_back_by", "notes"]
    assert world.sheets.choices["Calls"] == {header.index("status"): STATUSES[language]}


def test_the_staffs_columns_are_not_touched_again_neither_their_cells_nor_their_choices(world):
    append(world, calls(2))
    tab, sheets = world.sheets.tabs["Calls"], world.sheets
    for row in tab[1:]:
        row[len(row) :] = [""] * (len(tab[0]) - len(row))
        row[-3:] = ["Done", "Eva", "is a friend of Ada's"]
    before = [list(row) for row in tab]
    sheets.choices["Calls"] = {len(tab[0]) - 3: ["ours"]}

    append(world, [completed(key="d-3")])

    cells, _ = sent(world, "appendCells")
    assert tab[:3] == before
    assert {"status", "called_back_by", "notes"} & set(cells) == set()
    assert list(sheets.choices["Calls"].values()) == [["ours"]]


def test_a_tab_that_is_there_gets_no_columns_for_the_staff(world):
    world.sheets.tabs["Calls"] = [["delivery_id", "summary"]]

    append(world, calls(1))

    assert world.sheets.tabs["Calls"] == [["delivery_id", "summary"], ["d-1", "Brakes"]]
    assert world.sheets.choices == {}


def test_an_empty_tab_that_is_there_becomes_like_a_new_one(world):
    world.sheets.tabs["Calls"] = []

    append(world, calls(1))

    assert world.sheets.tabs["Calls"][0][-3:] == ["status", "called_back_by", "notes"]
    assert list(world.sheets.choices) == ["Calls"]
