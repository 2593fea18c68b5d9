"""One call of the handler: its events' rows, tab by tab."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence

from receiver import Event, RetryLater, Run

from .account import read_account
from .batch import Row, refused_by_tab, write
from .calls import CallRow, call_row, write_calls
from .cells import cells
from .client import sign_in
from .layout import Layout, read_layout
from .refusals import TROUBLE, meaning
from .sheet import Sheet


def append_rows(events: Sequence[Event], runs: Sequence[Run]) -> list[object]:
    """What becomes of each run: where its row is, or an exception."""
    began, settings = time.monotonic(), runs[0].settings
    sheet, layout = open_sheet(settings), read_layout(settings)
    ends: dict[int, object] = {}
    for tab, rows in by_tab(events, runs, layout).items():
        try:
            ends |= write_tab(sheet, tab, layout, rows, began)
        except TROUBLE as error:
            end = meaning(error, tab, sheet.email)
            refused = {row.run.id: end for row in rows}
            ends |= refused | refused_by_tab(tab, rows, refused)
        if any(isinstance(end, RetryLater) for end in ends.values()):
            break  # Google is busy or away: the other tabs' rows would fare no better
    return [ends.get(run.id, RetryLater("Google was busy with another tab")) for run in runs]


def by_tab(events: Sequence[Event], runs: Sequence[Run], layout: Layout) -> dict[str, list[Row]]:
    """The rows that go into each tab, in the order of the events."""
    tabs: dict[str, list[Row]] = {}
    for event, run in zip(events, runs, strict=True):
        tab, zone = layout.tab(event.event), run.settings["BUSINESS_TIMEZONE"]
        of_call = layout.is_of_calls(tab)
        row = call_row(event, run, zone) if of_call else Row(run=run, cells=cells(event, run, zone))
        tabs.setdefault(tab, []).append(row)
    return tabs


def write_tab(sheet: Sheet, tab: str, layout: Layout, rows: Sequence[Row], began: float) -> dict[int, object]:
    of_calls = [row for row in rows if isinstance(row, CallRow)]
    if of_calls:
        return write_calls(sheet, tab, layout, of_calls, began)
    return write(sheet, tab, layout, rows, began)


def check_sheet(settings: Mapping[str, str]) -> Iterator[str]:
    """A line where the sheet can be read; raises why it cannot. Writes nothing."""
    sheet, tab = open_sheet(settings), read_layout(settings).tab("other")
    try:
        sheet.tab(tab)
    except TROUBLE as error:
        raise meaning(error, tab, sheet.email) from error
    yield f"the sheet can be read by {sheet.email}, who has to be an editor of it"


def open_sheet(settings: Mapping[str, str]) -> Sheet:
    info = read_account(settings)
    http = sign_in(info, settings["GOOGLE_SHEETS_API_URL"])
    return Sheet(http, settings["GOOGLE_SHEET_ID"], info["client_email"])
