"""The columns of a new tab: their names, what numbers look like in them, and the choice of a status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .formats import NUMBER_FORMATS, NumberFormat
from .layout import STATUS


def new_columns(number: int, columns: Mapping[str, str], statuses: Sequence[str]) -> list[dict[str, Any]]:
    """The first row in bold, what the columns below it look like, and a choice in that of the status."""
    bold = {"textFormat": {"bold": True}}
    header = [{"userEnteredValue": {"stringValue": name}, "userEnteredFormat": bold} for name in columns.values()]
    start = {"sheetId": number, "rowIndex": 0, "columnIndex": 0}
    fields = "userEnteredValue,userEnteredFormat.textFormat.bold"
    requests: list[dict[str, Any]] = [{"updateCells": {"start": start, "rows": [{"values": header}], "fields": fields}}]
    for place, field in enumerate(columns):
        if field in NUMBER_FORMATS:
            requests.append(number_format(column(number, place), NUMBER_FORMATS[field]))
        if field == STATUS:
            requests.append(choice(column(number, place, top=1), statuses))
    return requests


def column(number: int, place: int, top: int = 0) -> dict[str, int]:
    """A column of a tab, from a row on, without an end."""
    return {"sheetId": number, "startRowIndex": top, "startColumnIndex": place, "endColumnIndex": place + 1}


def number_format(cells: Mapping[str, int], shape: NumberFormat) -> dict[str, Any]:
    cell = {"userEnteredFormat": {"numberFormat": dict(shape)}}
    return {"repeatCell": {"range": dict(cells), "cell": cell, "fields": "userEnteredFormat.numberFormat"}}


def choice(cells: Mapping[str, int], words: Sequence[str]) -> dict[str, Any]:
    """A dropdown, in which people may also write something else."""
    condition = {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": word} for word in words]}
    rule = {"condition": condition, "showCustomUi": True, "strict": False}
    return {"setDataValidation": {"range": dict(cells), "rule": rule}}
