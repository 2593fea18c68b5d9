"""Adds a row for each event, or for each call, to a Google Sheet. Recipe: recipes/google-sheets.md.

Once: after an attempt of unknown end the tab's delivery_id column is asked first. A call's row is looked for by its
call_id each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from receiver import EVERY_EVENT, Event, Run, all_of, ambient, handles, one_of
from receiver.toolkit import BUSINESS

from .account import GOOGLE, INLINE, PATH, read_account, sheet_id
from .layout import EVENTS, read_layout

BATCH = 200  # rows in one append: a burst of calls is through in a few writes
PACE_S = 1  # between two calls of any worker: Google takes 60 reads and 60 writes a minute, and a call is one of each


def check_settings(settings: Mapping[str, str]) -> dict[str, Mapping[str, str]]:
    """One target, once everything that was set can be understood; else it is misconfigured, and says why."""
    from .client import sign_in  # with Google's client

    sign_in(read_account(settings), settings["GOOGLE_SHEETS_API_URL"])
    read_layout(settings)
    return {"": {**settings, "GOOGLE_SHEET_ID": sheet_id(settings["GOOGLE_SHEET_ID"])}}


def check(settings: Mapping[str, str]) -> Iterator[str]:
    """Whether Google takes the key and the sheet can be read; nothing is written, so editing is not proved."""
    from .append import check_sheet  # with Google's client

    yield from check_sheet(settings)


def forget(event: Event, run: Run, outcome: str) -> str:
    """Take the delivery's row out of its tab, with what the staff wrote beside it."""
    from .forgetting import remove_row  # with Google's client

    return remove_row(event, run, outcome)


@handles(
    *EVERY_EVENT,
    needs=all_of(one_of(INLINE, ambient(PATH)), "GOOGLE_SHEET_ID"),
    optional={
        "GOOGLE_SHEETS_TABS": "",
        "GOOGLE_SHEETS_COLUMNS": "",
        "GOOGLE_SHEETS_LAYOUT": EVENTS,
        **BUSINESS,
        "GOOGLE_SHEETS_API_URL": GOOGLE,
    },
    targets=check_settings,
    check=check,
    parallel=1,  # a tab that two make at once is made once, and an attempt lost
    batch=BATCH,
    pace_s=PACE_S,
    label="Google Sheets",
    forget=forget,
)
def append_row(events: Sequence[Event], runs: Sequence[Run]) -> list[object]:
    """Append a row for each event, or bring its call's up to date; the outcome of each says where its row is."""
    from .append import append_rows  # with Google's client

    return append_rows(events, runs)
