"""The rows of one tab: those that are not there yet, in as few appends as their size allows."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from receiver import GiveUp, Pause, RetryLater, Run
from receiver.toolkit import Refusal

from .cells import Cell
from .echoes import repeats
from .formats import NUMBER_FORMATS, OWNERS, CellData, NumberFormat, cell_data
from .layout import KEY, Layout
from .refusals import TROUBLE, RowRefused, meaning
from .sheet import Sheet, Tab, letter

REQUEST_BYTES = 1_800_000  # Google advises 2 MB at most
SENTENCE_CHARS = 300
LAST_WRITE_S = 8  # a write begun later than this into the call might not end within the attempt's 20 s


@dataclass(frozen=True, kw_only=True)
class Row:
    run: Run
    cells: Mapping[str, Cell]

    @property
    def key(self) -> tuple[str, str]:
        """The field by which the row is found, and what stands there."""
        return KEY, str(self.cells[KEY])


AnyRow = TypeVar("AnyRow", bound=Row)
Send = Callable[[Sequence[Row]], dict[int, object]]


def write(sheet: Sheet, tab: str, layout: Layout, rows: Sequence[Row], began: float) -> dict[int, object]:
    """What becomes of each run. What is raised is for all: nothing was written then, or nobody knows."""
    there = ready(sheet, tab, layout, rows[0].run)
    places = places_of(there, layout, [KEY])
    keys = present(sheet, tab, rows, places[KEY])
    ends: dict[int, object] = {row.run.id: outcome(tab, row) for row in rows if row.key[1] in keys}
    ends |= append_all(sheet, there, [row for row in rows if row.run.id not in ends], places, began)
    return ends | refused_by_tab(tab, rows, ends)


def places_of(tab: Tab, layout: Layout, needed: Sequence[str]) -> dict[str, int]:
    """Where each field goes. Raises Pause where there is no column for one that is needed."""
    places = layout.places(tab.header)
    for field in needed:
        if field not in places:
            name = layout.names.get(field, field)
            raise Pause(f"the tab {tab.name} has no column called {name}: add one anywhere in its first row")
    return places


def append_all(
    sheet: Sheet, tab: Tab, rows: Sequence[Row], places: Mapping[str, int], began: float
) -> dict[int, object]:
    """In as few appends as their size allows; none after one that was stopped."""
    ends: dict[int, object] = {}
    stopped: Refusal | None = None
    for chunk in chunks(rows, lambda row: len(json.dumps(line(row, tab, places)))):
        ends |= {row.run.id: stopped for row in chunk} if stopped else append(sheet, tab, chunk, places, began)
        last_end = ends[chunk[-1].run.id]
        stopped = last_end if isinstance(last_end, (Pause, RetryLater)) else None
    return ends


def refused_by_tab(tab: str, rows: Sequence[Row], ends: Mapping[int, object]) -> dict[int, object]:
    """What becomes of refused rows: a GiveUp where the tab took others, else a Pause, for somebody to fix it.

    Where it is one row's fault after all, the inbox sees that others get through, and that one alone is a dead letter.
    """
    refused = {row.run.id: (row, end) for row in rows if isinstance(end := ends[row.run.id], RowRefused)}
    if any(isinstance(end, str) for end in ends.values()):
        return {run: GiveUp(str(end)) for run, (_, end) in refused.items()}
    return {
        run: Pause(f"the tab {tab} takes no row{why(end.sentence, row.cells)}") for run, (row, end) in refused.items()
    }


def why(sentence: str, cells: Mapping[str, Cell]) -> str:
    sentence = " ".join(sentence.split())[:SENTENCE_CHARS]
    if not sentence or repeats(sentence, cells):
        return ": look for a filter, merged cells, or a rule for what may stand there"
    return f". Google says: {sentence}"


def ready(sheet: Sheet, tab: str, layout: Layout, run: Run, place: int | None = None) -> Tab:
    """The tab, made with its first row where it, or that, is missing; with the texts of the column at `place`.

    A column without a name among ours gets its letter as one: Google takes a table to end at a gap.
    """
    there = sheet.tab(tab, place)
    if there is None or not any(there.header):
        run.check_lease()
        return made(sheet, tab, layout, there)
    header = there.header
    ours = max(layout.places(header).values(), default=-1)
    whole = [name or f"({letter(place)})" if place < ours else name for place, name in enumerate(header)]
    if whole != header:
        run.check_lease()
        sheet.name_columns(tab, header, whole)
    return replace(there, header=whole)


def made(sheet: Sheet, tab: str, layout: Layout, empty: Tab | None) -> Tab:
    columns = layout.columns(tab)
    formats: list[NumberFormat] = [NUMBER_FORMATS.get(field, {}) for field in columns]
    header = list(columns.values())
    if empty is not None:
        sheet.add_columns(empty, columns, layout.statuses)
        return replace(empty, header=header, formats=formats)
    number = sheet.add_tab(tab, columns, layout.statuses)
    return Tab(id=number, name=tab, header=header, formats=formats)


def present(sheet: Sheet, tab: str, rows: Sequence[Row], place: int) -> set[str]:
    """Which of the unsure runs' ids already stand in the tab: asked only where a run is unsure."""
    keys = {row.key[1] for row in rows if row.run.unsure}
    return keys.intersection(sheet.column(tab, place)) if keys else set()


def append(sheet: Sheet, tab: Tab, rows: Sequence[Row], places: Mapping[str, int], began: float) -> dict[int, object]:
    def send(rows: Sequence[Row]) -> dict[int, object]:
        sheet.append(tab, [line(row, tab, places) for row in rows])
        return {row.run.id: outcome(tab.name, row) for row in rows}

    return in_halves(sheet, tab, rows, send, began)


def in_halves(sheet: Sheet, tab: Tab, rows: Sequence[Row], send: Send, began: float) -> dict[int, object]:
    """One write, of whole or not at all; halved where Google refuses one of the rows, until it stands alone."""
    if time.monotonic() - began > LAST_WRITE_S:
        return {row.run.id: RetryLater("Google was slow: this row is written with the next ones") for row in rows}
    rows[0].run.check_lease()  # of all the call's runs
    try:
        return send(rows)
    except TROUBLE as error:
        end = meaning(error, tab.name, sheet.email)
        if not isinstance(end, GiveUp) or len(rows) == 1:
            return {row.run.id: end for row in rows}
        middle = len(rows) // 2
        halves = [in_halves(sheet, tab, half, send, began) for half in (rows[:middle], rows[middle:])]
        return halves[0] | halves[1]


def outcome(tab: str, row: Row) -> str:
    """Where the row is. Its number would be another as soon as somebody sorts the tab."""
    return f"{tab}, row of {row.key[1]}"


def chunks(rows: Sequence[AnyRow], size_of: Callable[[AnyRow], int]) -> Iterator[list[AnyRow]]:
    """The rows in requests of a bounded size; a row by itself is always small enough, as its cells are cut."""
    chunk: list[AnyRow] = []
    size = 0
    for row in rows:
        more = size_of(row)
        if chunk and size + more > REQUEST_BYTES:
            yield chunk
            chunk, size = [], 0
        chunk, size = [*chunk, row], size + more
    if chunk:
        yield chunk


def line(row: Row, tab: Tab, places: Mapping[str, int]) -> list[CellData]:
    """The row from column A to the last of ours; the columns between them are left to their owner."""
    values = [OWNERS] * (max(places.values()) + 1)
    for field, place in places.items():
        values[place] = cell_data(field, row.cells[field], tab.format(place))
    return values
