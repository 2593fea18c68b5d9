"""Adds a row for each event to a Google Sheet, in a tab for each kind of event. Recipe: recipes/google-sheets.md.

Once: after an attempt of unknown end the tab's delivery_id column is asked first.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence

from receiver import EVERY_EVENT, ConfigurationError, Event, RetryLater, Run, all_of, ambient, handles, one_of
from receiver.toolkit import check_business

from .batch import Row, write
from .cells import cells
from .client import GOOGLE, account, client
from .layout import Layout, read_layout
from .refusals import TROUBLE, meaning
from .sheet import Sheet

BATCH = 200  # rows in one append: a burst of calls is through in a few writes
PACE_S = 1  # Google takes 60 reads and 60 writes a minute; a call is mostly one of each
ACCOUNT = ("GOOGLE_SERVICE_ACCOUNT_JSON", "GOOGLE_APPLICATION_CREDENTIALS")


def check_settings(settings: Mapping[str, str]) -> dict[str, Mapping[str, str]]:
    """One target, once everything that was set can be understood; else it is misconfigured, and says why."""
    client(json.dumps(account(*(settings.get(name, "") for name in ACCOUNT))), settings["GOOGLE_SHEETS_API_URL"])
    read_layout(settings)
    check_business({**settings, "BUSINESS_LANGUAGE": "en"})
    return {"": {**settings, "GOOGLE_SHEET_ID": sheet_id(settings["GOOGLE_SHEET_ID"])}}


def sheet_id(text: str) -> str:
    """The id, also out of the sheet's whole address."""
    found = re.fullmatch(r"(?:https?://\S*/d/)?([\w-]+)(?:[/?#]\S*)?", text, re.ASCII)
    if not found or found[1] in ("http", "https"):
        raise ConfigurationError("GOOGLE_SHEET_ID should be the part of the sheet's address between /d/ and /edit")
    return found[1]


def check(settings: Mapping[str, str]) -> Iterator[str]:
    """Whether Google takes the key and the sheet can be read; nothing is written, so editing is not proved."""
    info = account(*(settings.get(name, "") for name in ACCOUNT))
    http = client(json.dumps(info), settings["GOOGLE_SHEETS_API_URL"])
    sheet, tab = Sheet(http, settings["GOOGLE_SHEET_ID"], info["client_email"]), read_layout(settings).tab("other")
    try:
        sheet.header(tab)
    except TROUBLE as error:
        raise meaning(error, tab, sheet.email) from error
    yield f"the sheet can be read by {sheet.email}, who has to be an editor of it"


@handles(
    *EVERY_EVENT,
    needs=all_of(one_of(ACCOUNT[0], ambient(ACCOUNT[1])), "GOOGLE_SHEET_ID"),
    optional={
        "GOOGLE_SHEETS_TABS": "",
        "GOOGLE_SHEETS_COLUMNS": "",
        "BUSINESS_TIMEZONE": "UTC",
        "GOOGLE_SHEETS_API_URL": GOOGLE,
    },
    targets=check_settings,
    check=check,
    parallel=1,  # appending while another appends may overwrite
    batch=BATCH,
    pace_s=PACE_S,
)
def append_row(events: Sequence[Event], runs: Sequence[Run]) -> list[object]:
    """Append a row for each event; the outcome of each is the range that its row took."""
    settings, began = runs[0].settings, time.monotonic()
    info = account(*(settings.get(name, "") for name in ACCOUNT))
    http = client(json.dumps(info), settings["GOOGLE_SHEETS_API_URL"])
    sheet, layout = Sheet(http, settings["GOOGLE_SHEET_ID"], info["client_email"]), read_layout(settings)
    ends: dict[int, object] = {}
    for tab, rows in by_tab(events, runs, layout).items():
        try:
            ends |= write(sheet, tab, layout, rows, began)
        except TROUBLE as error:
            end = meaning(error, tab, sheet.email)
            ends |= {row.run.id: end for row in rows}
        if any(isinstance(end, RetryLater) for end in ends.values()):
            break  # Google is busy or away: the other tabs' rows would fare no better
    return [ends.get(run.id, RetryLater("Google was busy with another tab")) for run in runs]


def by_tab(events: Sequence[Event], runs: Sequence[Run], layout: Layout) -> dict[str, list[Row]]:
    """The rows that go into each tab, in the order of the events."""
    found: dict[str, list[Row]] = {}
    for event, run in zip(events, runs, strict=True):
        row = Row(run=run, cells=cells(event, run, run.settings["BUSINESS_TIMEZONE"]))
        found.setdefault(layout.tab(event.event), []).append(row)
    return found
