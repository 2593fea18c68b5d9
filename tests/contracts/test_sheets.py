import json

import pytest

from mock_sender.destinations.server import Exchange
from tests.contracts import sheets

VALUES = "/v4/spreadsheets/x/values/%27Calls%27%21A1"
APPEND = f"{VALUES}:append"
RAW = "valueInputOption=RAW"
TAKEN = {"spreadsheetId": "x", "updates": {"updatedRange": "Calls!A2:B2", "updatedRows": 1}}


def exchange(method="POST", path=APPEND, query=RAW, body=None, status=200, answer=TAKEN):
    sent = b"" if method == "GET" else json.dumps({"values": [["a", 1, None]]} if body is None else body).encode()
    return Exchange(
        answered_s=0,
        destination="sheets",
        method=method,
        path=path,
        query=query,
        headers={},
        body=sent,
        status=status,
        answer=answer,
    )


ACCEPTED = [
    {},
    {"query": f"{RAW}&insertDataOption=INSERT_ROWS&includeValuesInResponse=False"},
    {"method": "PUT", "path": VALUES, "answer": {"updatedRange": "Calls!A1:B1"}},
    {"method": "GET", "path": VALUES, "query": "majorDimension=COLUMNS", "answer": {"values": [["a"]]}},
    {"path": "/v4/spreadsheets/x:batchUpdate", "query": "",
     "body": {"requests": [{"addSheet": {"properties": {"title": "Calls", "gridProperties": {"frozenRowCount": 1}}}}]},
     "answer": {"replies": [{}]}},
    {"status": 404, "answer": {"error": {"code": 404, "message": "no", "status": "NOT_FOUND"}}},
    {"path": "/token", "answer": "whatever"},
]  # fmt: skip

REFUSED = [
    ({"query": f"{RAW}&insertDataOption=INSERT_ROW"},                          "insertDataOption cannot be"),
    ({"query": f"{RAW}&insertOption=INSERT_ROWS"},                             "no parameter insertOption"),
    ({"query": f"{RAW}&{RAW}"},                                                "more than once"),
    ({"query": f"{RAW}&includeValuesInResponse=1"},                            "includeValuesInResponse cannot be"),
    ({"query": ""},                                                            "valueInputOption"),
    ({"body": {"values": "a"}},                                                "values should be a list"),
    ({"body": {"values": ["a"]}},                                              r"values\[0\] should be a list"),
    ({"body": {"values": [[["a"]]]}},                                          "should be a cell"),
    ({"body": {"rows": [["a"]]}},                                              "no field rows"),
    ({"body": {"majorDimension": "LINES"}},                                    "cannot be LINES"),
    ({"path": "/v4/spreadsheets/x/cells"},                                     "not in the Sheets API"),
    ({"method": "DELETE"},                                                     "not in the Sheets API"),
    ({"path": "/v4/spreadsheets/x:batchUpdate", "query": "", "body": {"requests": [{"addTab": {}}]}}, "no field addTab"),
    ({"answer": {"updates": {"updatedRange": "A1", "rows": 1}}},               "no field rows"),
    ({"answer": {"updates": {"updatedRows": "1"}}},                            "of type integer"),
    ({"status": 404, "answer": {"error": {"code": 400}}},                      "404"),
]  # fmt: skip


@pytest.mark.parametrize("changes", ACCEPTED)
def test_what_the_sheets_api_takes_passes(changes):
    sheets.check(exchange(**changes))


@pytest.mark.parametrize(("changes", "said"), REFUSED)
def test_what_the_sheets_api_does_not_know_is_refused(changes, said):
    with pytest.raises(AssertionError, match=said):
        sheets.check(exchange(**changes))
