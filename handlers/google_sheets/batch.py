"""The rows of one tab: those that are not there yet, in as few appends as their size allows."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from receiver import GiveUp, Pause, RetryLater, Run
from receiver.toolkit import Refusal

from .cells import Cell
from .echoes import repeats
from .formats import OWNERS, CellData, cell_data
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


def write(sheet: Sheet, tab: str, layout: Layout, rows: Sequence[Row], began: float) -> dict[int, object]:
    """What becomes of each run. What is raised is for all: nothing was written then, or nobody knows."""
    there = ready(sheet, tab, layout, rows[0].run)
    places = layout.places(there.header)
    if KEY not in places:
        name = layout.names.get(KEY, KEY)
        raise Pause(f"the tab {tab} has no column called {name}: add one anywhere in its first row")
    keys = present(sheet, tab, rows, places[KEY])
    ends: dict[int, object] = {row.run.id: outcome(tab, row) for row in rows if key_of(row) in keys}
    stopped: Refusal | None = None
    for chunk in chunks([row for row in rows if row.run.id not in ends], places):
        ends |= {row.run.id: stopped for row in chunk} if stopped else append(sheet, there, chunk, places, began)
        last_end = ends[chunk[-1].run.id]
        stopped = last_end if isinstance(last_end, (Pause, RetryLater)) else None
    return ends | refused_by_tab(tab, rows, ends)


def refused_by_tab(tab: str, rows: Sequence[Row], ends: Mapping[int, object]) -> dict[int, object]:
    """What becomes of refused rows: a GiveUp where the tab took others, else a Pause, for somebody to mend it.

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


def ready(sheet: Sheet, tab: str, layout: Layout, run: Run) -> Tab:
    """The tab, made with its first row where it, or that, is missing.

    A column without a name among ours gets its letter as one: Google takes a table to end at a gap.
    """
    there = sheet.tab(tab)
    if there is None:
        run.check_lease()
        return sheet.add_tab(tab, layout.header(tab))
    header = there.header
    ours = max(layout.places(header).values(), default=-1)
    whole = [name or f"({letter(place)})" if place < ours else name for place, name in enumerate(header)]
    whole = whole if any(header) else layout.header(tab)
    if whole != header:
        run.check_lease()
        sheet.name_columns(tab, header, whole)
    return replace(there, header=whole)


def present(sheet: Sheet, tab: str, rows: Sequence[Row], place: int) -> set[str]:
    """Which of the unsure runs' ids already stand in the tab: asked only where a run is unsure."""
    keys = {key_of(row) for row in rows if row.run.unsure}
    return keys.intersection(sheet.column(tab, place)) if keys else set()


def append(sheet: Sheet, tab: Tab, rows: Sequence[Row], places: Mapping[str, int], began: float) -> dict[int, object]:
    """One append, of whole or not at all; halved where Google refuses one of the rows, until it stands alone."""
    if time.monotonic() - began > LAST_WRITE_S:
        return {row.run.id: RetryLater("Google was slow: this row is written with the next ones") for row in rows}
    rows[0].run.check_lease()  # of all the call's runs
    try:
        sheet.append(tab, [line(row, places) for row in rows])
    except TROUBLE as error:
        end = meaning(error, tab.name, sheet.email)
        if not isinstance(end, GiveUp) or len(rows) == 1:
            return {row.run.id: end for row in rows}
        middle = len(rows) // 2
        halves = [append(sheet, tab, half, places, began) for half in (rows[:middle], rows[middle:])]
        return halves[0] | halves[1]
    return {row.run.id: outcome(tab.name, row) for row in rows}


def outcome(tab: str, row: Row) -> str:
    """Where the row is. Its number would be another as soon as somebody sorts the tab."""
    return f"{tab}, row of {key_of(row)}"


def chunks(rows: Sequence[Row], places: Mapping[str, int]) -> Iterator[list[Row]]:
    """The rows in requests of a bounded size; a row by itself is always small enough, as its cells are cut."""
    chunk: list[Row] = []
    size = 0
    for row in rows:
        more = len(json.dumps(line(row, places)))
        if chunk and size + more > REQUEST_BYTES:
            yield chunk
            chunk, size = [], 0
        chunk, size = [*chunk, row], size + more
    if chunk:
        yield chunk


def line(row: Row, places: Mapping[str, int]) -> list[CellData]:
    """The row from column A to the last of ours; the columns between them are left to their owner."""
    values = [OWNERS] * (max(places.values()) + 1)
    for field, place in places.items():
        values[place] = cell_data(field, row.cells[field])
    return values


def key_of(row: Row) -> str:
    return str(row.cells[KEY])
