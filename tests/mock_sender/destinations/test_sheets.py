"""Where the played Google writes, by what is known of the real one."""

import json

import pytest

from mock_sender.destinations.sheets import ACCESS_TOKEN, SHEET_ID, Sheets

BOLD = {"textFormat": {"bold": True}}


@pytest.fixture
def sheets():
    sheets = Sheets()
    sheets.tabs["Calls"] = [["id", "note"], ["1", "x"], ["2", "y"], ["3", "z"]]
    sheets.formats["Calls"] = {(0, 0): BOLD, (0, 1): BOLD}
    return sheets


def ask(sheets, path, body, query=""):
    head = {"authorization": f"Bearer {ACCESS_TOKEN}"}
    return sheets.answer("POST", f"/v4/spreadsheets/{SHEET_ID}{path}", query, head, json.dumps(body).encode())


def append_values(sheets):
    query = "valueInputOption=RAW&insertDataOption=INSERT_ROWS"
    return ask(sheets, "/values/Calls!A1:append", {"values": [["4", "new"]]}, query)


def append_cells(sheets, cells, number=None, fields="userEnteredValue"):
    asked = {"sheetId": sheets.id_of("Calls") if number is None else number, "rows": [{"values": cells}]}
    return ask(sheets, ":batchUpdate", {"requests": [{"appendCells": asked | {"fields": fields}}]})


HIDING = [
    # hidden             values.append writes in row
    ({},                                 5),
    ({"hidden_rows": {"Calls": {2, 3}}}, 3),
    ({"hidden_columns": {"Calls": {1}}}, 2),
]  # fmt: skip


@pytest.mark.parametrize(("hidden", "row"), HIDING)
def test_what_is_hidden_leads_values_append_astray_and_not_append_cells(sheets, hidden, row):
    vars(sheets).update(hidden)

    _, answer = append_values(sheets)
    append_cells(sheets, [{"userEnteredValue": {"numberValue": 5}}])

    assert answer["updates"]["updatedRange"] == f"Calls!A{row}:B{row}"
    assert sheets.tabs["Calls"][-1] == ["5"]


def test_an_inserted_row_is_as_bold_as_the_one_above_it_and_appended_cells_are_not(sheets):
    sheets.tabs["Calls"] = sheets.tabs["Calls"][:1]

    append_values(sheets)
    append_cells(sheets, [{"userEnteredValue": {"stringValue": "5"}}])

    assert sheets.formats["Calls"] == dict.fromkeys([(0, 0), (0, 1), (1, 0), (1, 1)], BOLD)


def test_only_a_formula_is_computed(sheets):
    append_cells(sheets, [{"userEnteredValue": {"stringValue": "=A1"}}, {"userEnteredValue": {"formulaValue": "=A1"}}])

    assert sheets.tabs["Calls"][-1] == ["=A1", "computed(=A1)"]


def test_a_batch_is_done_whole_or_not_at_all(sheets):
    status, answer = append_cells(sheets, [{}], number=404)

    assert (status, answer["error"]["message"]) == (400, "Invalid requests[0].appendCells: No grid with id: 404")
    assert len(sheets.tabs["Calls"]) == 4


def test_a_number_is_shown_as_its_cell_says_and_else_as_its_column_does(sheets):
    sheets.columns["Calls"] = {0: {"numberFormat": {"type": "DATE", "pattern": "yyyy-mm-dd"}}}
    own = {"numberFormat": {"type": "DATE_TIME", "pattern": "dd-mm-yyyy hh:mm"}}
    cells = [{"userEnteredValue": {"numberValue": 46078.5}, "userEnteredFormat": own}]

    append_cells(sheets, cells, fields="userEnteredValue,userEnteredFormat.numberFormat")
    append_cells(sheets, cells)

    assert sheets.tabs["Calls"][-2:] == [["25-02-2026 12:00"], ["2026-02-25"]]


def test_a_write_can_answer_what_stands_where_it_wrote(sheets):
    start = {"sheetId": sheets.id_of("Calls"), "rowIndex": 1, "columnIndex": 1}
    cells = [{"userEnteredValue": {"stringValue": "new"}}]
    body = {
        "requests": [{"updateCells": {"start": start, "rows": [{"values": cells}], "fields": "userEnteredValue"}}],
        "includeSpreadsheetInResponse": True, "responseIncludeGridData": True, "responseRanges": ["Calls!A2", "Calls!B2"],
    }  # fmt: skip

    _, answer = ask(sheets, ":batchUpdate", body)

    [sheet] = answer["updatedSpreadsheet"]["sheets"]
    assert [grid["rowData"][0]["values"][0]["formattedValue"] for grid in sheet["data"]] == ["1", "new"]


def batch(sheets, *requests, **more):
    return ask(sheets, ":batchUpdate", {"requests": list(requests)} | more)


def cut(sheets, row, target, to=0):
    source = {"sheetId": sheets.id_of("Calls"), "startRowIndex": row, "endRowIndex": row + 1}
    destination = {"sheetId": target, "rowIndex": to, "columnIndex": 0}
    return {"cutPaste": {"source": source, "destination": destination, "pasteType": "PASTE_NORMAL"}}


def test_a_row_is_cut_into_another_tab_with_its_formats_and_the_answer_shows_it(sheets):
    sheets.formats["Calls"][2, 0] = BOLD
    aside = {"addSheet": {"properties": {"sheetId": 9, "title": "Aside"}}}

    _, answer = batch(sheets, aside, cut(sheets, 2, 9), includeSpreadsheetInResponse=True, responseRanges=["Aside!1:1"])

    [shown] = answer["updatedSpreadsheet"]["sheets"]
    cells = shown["data"][0]["rowData"][0]["values"]
    assert (shown["properties"]["sheetId"], [cell["formattedValue"] for cell in cells]) == (9, ["2", "y"])
    assert sheets.tabs == {"Calls": [["id", "note"], ["1", "x"], [], ["3", "z"]], "Aside": [["2", "y"]]}
    assert (sheets.formats["Aside"], (2, 0) in sheets.formats["Calls"]) == ({(0, 0): BOLD}, False)


def test_rows_are_inserted_and_a_tab_is_deleted(sheets):
    rows = {"sheetId": sheets.id_of("Calls"), "dimension": "ROWS", "startIndex": 1, "endIndex": 2}

    batch(sheets, {"insertDimension": {"range": rows}})
    assert sheets.tabs["Calls"][:3] == [["id", "note"], [], ["1", "x"]]
    batch(sheets, {"deleteSheet": {"sheetId": sheets.id_of("Calls")}})

    assert (sheets.tabs, batch(sheets, {"deleteSheet": {"sheetId": 9}})[0]) == ({}, 400)
