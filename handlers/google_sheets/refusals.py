"""What Google's refusals mean for the runs, and what a person can do about them.

What every next call would meet too is a Pause, so that nothing is lost while it is fixed: a protected tab as well, as
only a person can fix it. What is wrong with one row, where the tab takes others, is a GiveUp. All else is tried again.
"""

from __future__ import annotations

import re
from contextlib import suppress

import gspread
import requests
from google.auth.exceptions import GoogleAuthError, RefreshError

from receiver import GiveUp, Pause, RetryLater
from receiver.toolkit import Refusal, retry_after_s

QUOTA_WINDOW_S = 60  # quotas refill by the minute
TROUBLE = (gspread.exceptions.APIError, GoogleAuthError, requests.RequestException, Pause, RetryLater)

# Status, a word that Google's answer holds, and what to say; {email} and {tab} are filled in.
PAUSES = (
    (403, "SERVICE_DISABLED", "the Google Sheets API is not enabled in the service account's project: enable it at "
                              "https://console.cloud.google.com/apis/library/sheets.googleapis.com"),
    (0, "protected", "the tab {tab} is protected: let {email} edit it, under Data, Protect sheets and ranges"),
    (400, "limit of 10000000 cells", "the sheet is full (10 million cells): move old rows into another, or begin a "
                                     "new one and put its id into GOOGLE_SHEET_ID"),
    (400, "not supported for this document", "GOOGLE_SHEET_ID names an Excel file: open it and choose File, Save as "
                                             "Google Sheets, and take the id of that one"),
    (401, "", "Google answered 401: it does not take the service account's key (any more)"),
    (403, "", "Google answered 403: share the sheet with {email} as an editor"),
    (404, "", "there is no sheet with this GOOGLE_SHEET_ID: it is the part of its address between /d/ and /edit"),
)  # fmt: skip


class RowRefused(GiveUp):
    """Google does not take this row; `sentence` is what it says, and may repeat what stands in the row."""

    sentence = ""


def meaning(error: Exception, tab: str, email: str) -> Refusal:
    """One of TROUBLE as what becomes of the runs."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, gspread.exceptions.APIError):
        return answered(error.response, tab, email)
    if isinstance(error, RefreshError):
        return no_token(error)
    return RetryLater(f"Google did not answer ({type(error).__name__})", failure="no-answer")


def answered(response: requests.Response, tab: str, email: str) -> Refusal:
    status, text = response.status_code, response.text
    if status == 429 or "ateLimitExceeded" in text:
        reason = "Google's quota for this minute is used up"
        return RetryLater(reason, delay_s=retry_after_s(response.headers) or QUOTA_WINDOW_S, cooldown=True)
    if status >= 500 or status in (408, 409):
        delay_s = retry_after_s(response.headers)
        return RetryLater(f"Google answered {status}", delay_s=delay_s, failure=f"refused-{status}")
    if "Unable to parse range" in text or "No grid with id" in text:
        return RetryLater(f"the tab {tab} was renamed or deleted just now: it will be made again")
    for number, word, sentence in PAUSES:
        if number in (0, status) and word in text:
            return Pause(sentence.format(tab=tab, email=email))
    if status == 400:
        return row_refused(response)
    return GiveUp(f"Google answered {status}: it does not take this row")


def row_refused(response: requests.Response) -> RowRefused:
    refused = RowRefused("Google answered 400: it does not take this row")
    with suppress(ValueError, LookupError, TypeError, RecursionError):
        message = str(response.json()["error"]["message"])
        refused.sentence = re.sub(r"^Invalid requests\[\d+\]\.\w+: ", "", message)
    return refused


def no_token(error: RefreshError) -> Refusal:
    """The token endpoint refused, or was in trouble itself."""
    text = str(error)
    if "timeframe" in text:
        return Pause("Google refuses the sign-in, as this machine's clock is wrong: set it")
    if error.retryable or not any(word in text for word in ("invalid_", "unauthorized_client", "disabled")):
        return RetryLater("Google's token endpoint is in trouble")
    return Pause("Google refuses the service account's key: it was deleted or disabled; make a new one")
