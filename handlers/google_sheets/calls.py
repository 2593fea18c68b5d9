"""One row for each call: made with the first of its events, and brought up to date by the others.

The row is looked for by its call_id each time, so that people may sort, insert and delete rows in between. Google can
attach metadata to a row instead, but does not say that it goes with the row when rows are sorted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from receiver import Event, RetryLater, Run
from receiver.toolkit import believed, is_withheld

from .batch import Row, append_all, chunks, in_halves, places_of, ready, refused_by_tab
from .cells import Cell, as_json, dated, received_at
from .formats import CellData, content
from .layout import FIELDS, KEY, KINDS, Layout, alike
from .sheet import Edit, Sheet, Tab

CALL = "call_id"
ONCE = ("received_at", CALL, KEY)  # written with the row, and left alone from then on
PLACES: dict[tuple[str, str], int] = {}  # where each tab's call_id stood last, so that one read is enough
SHORT = 60  # of an id in a sentence


@dataclass(frozen=True, kw_only=True)
class CallRow(Row):
    """What is known of a call; `news` is the part of it that its row may not show yet."""

    news: Mapping[str, Cell]

    @property
    def key(self) -> tuple[str, str]:
        return (CALL, str(self.cells[CALL])) if self.cells[CALL] else super().key


def call_row(event: Event, run: Run, zone: str) -> CallRow:
    """What earlier events have put into the row is no news, so that people may correct it there."""
    earlier = [other for other in run.earlier() if other.event.delivery_id != event.delivery_id]
    cells = call_cells([*(other.event for other in earlier), event], event, run, zone)
    written = [other.event for other in earlier if other.outcome]
    before = call_cells(written, event, run, zone) if written and not run.unsure else {}
    fresh = {field: cell for field, cell in cells.items() if cell not in ("", None) and cell != before.get(field)}
    return CallRow(run=run, cells=cells, news={field: cell for field, cell in fresh.items() if field not in ONCE})


def call_cells(events: Sequence[Event], event: Event, run: Run, zone: str) -> dict[str, Cell]:
    """Every field that one of a call's events has, whatever order they came in. Never raises."""
    events = believed(events)
    values: dict[str, object] = {field: first(events, field) for field in FIELDS}
    values["summary"] = values["summary"] or values["call_summary"]
    values["event"] = ", ".join(sorted({other.event for other in events}))
    values["data"] = next((as_json(other.data, b"") for other in events if not isinstance(other, KINDS)), "")
    values[KEY] = event.delivery_id
    values["received_at"] = received_at(run)
    return {field: dated(field, value, zone) for field, value in values.items()}


def first(events: Sequence[Event], field: str) -> object:
    """The first value that there is; of the caller's numbers the first that was not withheld, if there is one."""
    values = [value for event in events if (value := getattr(event, field, None)) not in (None, "")]
    told = [value for value in values if field != "caller_phone" or not is_withheld(str(value))]
    return next(iter([*told, *values]), None)


def write_calls(sheet: Sheet, tab: str, layout: Layout, rows: Sequence[CallRow], began: float) -> dict[int, object]:
    """What becomes of each run: its call's row is brought up to date, or appended where there is none."""
    where = (sheet.key, tab)
    there = ready(sheet, tab, layout, rows[0].run, PLACES.get(where, list(layout.columns(tab)).index(CALL)))
    places = places_of(there, layout, [CALL, KEY])
    PLACES[where] = places[CALL]
    writing = first_of_each_call(rows)
    chosen = {row.run.id for row in writing}
    busy = RetryLater("another event of its call was written at that moment")
    ends: dict[int, object] = {row.run.id: busy for row in rows if row.run.id not in chosen}
    numbers = {field: row_numbers(sheet, there, places[field]) for field in {row.key[0] for row in writing}}
    known = {row.run.id: numbers[field][key] for row in writing for field, key in [row.key] if key in numbers[field]}
    ends |= update_all(sheet, there, [row for row in writing if row.run.id in known], known, places, began)
    ends |= append_all(sheet, there, [row for row in writing if row.run.id not in known], places, began)
    return ends | refused_by_tab(tab, rows, ends)


def first_of_each_call(rows: Sequence[CallRow]) -> list[CallRow]:
    """A second event of a call in the same batch would append a second row."""
    calls: dict[tuple[str, str], CallRow] = {}
    for row in rows:
        calls.setdefault(row.key, row)
    return list(calls.values())


def row_numbers(sheet: Sheet, tab: Tab, place: int) -> dict[str, int]:
    """In which row, counted from 0, each text of a column stands first."""
    name, *texts = (tab.column if place == tab.place else sheet.column(tab.name, place)) or [""]
    if alike(name) != alike(tab.header[place]):  # a row that is not seen would be written a second time
        raise RetryLater(f"the columns of the tab {tab.name} were moved at that moment")
    return {text: number for number, text in reversed(list(enumerate(texts, start=1)))}


def update_all(
    sheet: Sheet,
    tab: Tab,
    rows: Sequence[CallRow],
    numbers: Mapping[int, int],
    places: Mapping[str, int],
    began: float,
) -> dict[int, object]:
    edits = {row.run.id: edit(row, tab, numbers[row.run.id], places) for row in rows}

    def send(chunk: Sequence[Row]) -> dict[int, object]:
        keys = sheet.update(tab, [edits[row.run.id] for row in chunk])
        return {row.run.id: updated(tab, edits[row.run.id], key) for row, key in zip(chunk, keys, strict=True)}

    ends: dict[int, object] = {
        row.run.id: outcome(tab, edits[row.run.id]) for row in rows if not edits[row.run.id].cells
    }
    news = [row for row in rows if row.run.id not in ends]
    for chunk in chunks(news, lambda row: len(json.dumps(edits[row.run.id].cells))):
        ends |= in_halves(sheet, tab, chunk, send, began)
    return ends


def edit(row: CallRow, tab: Tab, number: int, places: Mapping[str, int]) -> Edit:
    field, key = row.key
    cells: dict[int, CellData] = {
        place: content(row.news[name], tab.format(place)) for name, place in places.items() if name in row.news
    }
    return Edit(row=number, cells=cells, key_place=places[field], key=key)


def updated(tab: Tab, edit: Edit, key: str) -> object:
    """What became of an edit, by what stands beside it now: Google is told a row's number, and people may sort."""
    if key == edit.key:
        return outcome(tab, edit)
    other = (
        f", and some cells of the row of {key[:SHORT]}, which receiver replay --again --call writes anew" if key else ""
    )
    return RetryLater(f"the rows of the tab {tab.name} were moved at that moment: it is written again{other}")


def outcome(tab: Tab, edit: Edit) -> str:
    return f"{tab.name}, row of {edit.key}"
