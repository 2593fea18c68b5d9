"""The sheet as a table."""

from mock_sender.destinations.view.sheets import SHOWN, Row, lines, tabs


def test_a_tab_is_a_table_with_its_letters_its_first_row_and_a_number_for_each_row(played):
    played.sheets.tabs = {"Calls": [["name", "summary"], ["Ada"], ["", "asked"]], "Empty": [[]]}

    [tab] = tabs(played)

    assert (tab.name, tab.letters, tab.header) == ("Calls", ("A", "B"), Row(number=1, cells=("name", "summary")))
    assert tab.rows == (Row(number=2, cells=("Ada", "")), Row(number=3, cells=("", "asked")))


def test_a_number_with_the_format_of_a_time_is_shown_as_that_time(played):
    played.sheets.tabs = {"Calls": [["at", "day", "seconds", "at"], ["46356.40625", "46356", "55", "unknown"]]}
    kinds = {(1, 0): "DATE_TIME", (1, 1): "DATE", (1, 2): "NUMBER", (1, 3): "DATE_TIME"}
    played.sheets.formats = {"Calls": {place: {"numberFormat": {"type": kind}} for place, kind in kinds.items()}}

    [tab] = tabs(played)

    assert tab.rows[0].cells == ("2026-11-30 09:45:00", "2026-11-30", "55", "unknown")


def test_of_many_rows_the_last_are_shown_with_their_numbers(played):
    played.sheets.tabs = {"Calls": [["n"], *([str(number)] for number in range(SHOWN + 5))]}

    [tab] = tabs(played)

    assert (tab.earlier, tab.rows[0], len(tab.rows)) == (5, Row(number=7, cells=("5",)), SHOWN)


def test_as_text_it_has_the_columns_for_which_there_is_room(played):
    played.sheets.tabs = {"Calls": [["name", "summary", "phone"], ["漢字", "a\x1b[2Jb\nc" + "x" * 40, "+15550100"]]}

    drawn = lines(tabs(played), "en", 40)

    assert drawn == [
        "Calls (columns not shown: 1)",
        "│ name  summary",
        "│ 漢字  a[2Jb cxxxxxxxxxxxxxx…",
    ]
