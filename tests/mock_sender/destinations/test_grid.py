import pytest

from mock_sender.destinations import grid

TABLE = [["a", "b"], ["1", "2"]]
ENDS = [
    # the tab's cells                                        rows of the table that holds A1
    ([],                                                     0),
    ([["", "b"], ["1", "2"]],                                0),
    (TABLE,                                                  2),
    ([*TABLE, [], ["a note"]],                               2),
    ([*TABLE, ["", "", "beside it, and so part of it"]],     3),
    ([["a", "", "c"], ["", "", "3"], ["", "", "4"]],         1),
    ([["a", "b"], ["", "2"], ["", "3"]],                     3),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "end"), ENDS)
def test_a_table_is_what_hangs_together_with_a1(rows, end):
    assert grid.end_of_table(rows) == end


AREAS = [
    ("1:1",    "ROWS",     [["a", "b"]]),
    ("B:B",    "COLUMNS",  [["b", "2"]]),
    ("A2:B2",  "ROWS",     [["1", "2"]]),
    ("C:C",    "COLUMNS",  []),
    ("A1",     "ROWS",     [["a"]]),
]  # fmt: skip


@pytest.mark.parametrize(("area", "major", "values"), AREAS)
def test_an_area_is_read_without_the_empty_ends(area, major, values):
    assert grid.read([["a", "b", ""], ["1", "2"], [""]], area, major) == values


@pytest.mark.parametrize(("column", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_columns_have_letters(column, letters):
    assert (grid.letters(column), grid.number(letters)) == (letters, column)
