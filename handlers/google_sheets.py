"""Adds a row for each event to a Google Sheet, in a tab for each kind of event. Recipe: recipes/google-sheets.md.

Once: after an attempt of unknown end the tab's delivery_id column is asked first.
"""

from __future__ import annotations

import base64
import binascii
import functools
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NoReturn

import gspread
import requests
from google.auth.exceptions import GoogleAuthError, RefreshError
from google.oauth2 import service_account

from receiver import (
    AppointmentBooked,
    CallCompleted,
    CallTransferred,
    ConfigurationError,
    Event,
    GiveUp,
    LeadCreated,
    Pause,
    RetryLater,
    Run,
    UnknownEvent,
    all_of,
    ambient,
    handles,
    one_of,
)

SCOPE = "https://www.googleapis.com/auth/spreadsheets"
GOOGLE = "https://sheets.googleapis.com"
TIMEOUT_S = (3, 10)  # gspread waits for ever by default
QUOTA_WINDOW_S = 60  # quotas refill by the minute
CELL_CHARS = 49_000  # Sheets takes 50,000

TABS = {
    CallCompleted: "Calls",
    CallTransferred: "Transfers",
    AppointmentBooked: "Appointments",
    LeadCreated: "Leads",
}
ALWAYS = ("delivery_id", "received_at", "event", "call_id", "caller_name", "caller_phone")
COLUMNS: dict[type[Event], tuple[str, ...]] = {
    CallCompleted: (
        "caller_email", "duration_seconds", "intent", "urgency", "summary", "recording_url", "started_at", "ended_at",
    ),
    CallTransferred: (
        "duration_seconds", "transferred_to_label", "transferred_to_number", "urgency", "reason", "summary",
    ),
    AppointmentBooked: (
        "appointment_date", "appointment_time_start", "appointment_time_end", "service_type", "calendar_event_link",
    ),
    LeadCreated: ("caller_email", "intent", "urgency", "interest", "call_summary"),
}  # fmt: skip


def check_account(settings: Mapping[str, str]) -> dict[str, Mapping[str, str]]:
    """One target, once the account can be read; else it is misconfigured, and says why."""
    account(settings.get("GOOGLE_SERVICE_ACCOUNT_JSON", ""), settings.get("GOOGLE_APPLICATION_CREDENTIALS", ""))
    return {"": settings}


@handles(
    CallCompleted,
    CallTransferred,
    AppointmentBooked,
    LeadCreated,
    UnknownEvent,
    needs=all_of(
        one_of("GOOGLE_SERVICE_ACCOUNT_JSON", ambient("GOOGLE_APPLICATION_CREDENTIALS")),
        "GOOGLE_SHEET_ID",
    ),
    optional={"GOOGLE_SHEETS_API_URL": GOOGLE},
    targets=check_account,
    parallel=1,  # appending while another appends may overwrite
)
def append_row(event: Event, run: Run) -> str:
    """Append one row; the outcome is the range that it took."""
    info = account(
        run.settings.get("GOOGLE_SERVICE_ACCOUNT_JSON", ""), run.settings.get("GOOGLE_APPLICATION_CREDENTIALS", "")
    )
    try:
        sheet = Sheet(client(json.dumps(info), run.settings["GOOGLE_SHEETS_API_URL"]), run.settings["GOOGLE_SHEET_ID"])
        return append(sheet, TABS.get(type(event), "Other"), event, run)
    except gspread.exceptions.APIError as error:
        refused(error, info.get("client_email", "the service account"))
    except RefreshError as error:
        raise Pause("Google refuses the service account's key: it was deleted or disabled") from error
    except (requests.RequestException, GoogleAuthError) as error:
        raise RetryLater(f"Google did not answer ({type(error).__name__})") from error


def append(sheet: Sheet, tab: str, event: Event, run: Run) -> str:
    columns = sheet.header(tab) or sheet.prepare(tab, [*ALWAYS, *COLUMNS.get(type(event), ("data",))], run)
    if "delivery_id" not in columns:
        raise Pause(f"the tab {tab} has no column called delivery_id: add one to its first row")
    if run.unsure and (row := sheet.row_of(tab, columns.index("delivery_id"), run.delivery.key)):
        return f"{tab}!A{row}"
    run.hold()
    return sheet.append(tab, [cell(event, run, column) for column in columns])


def cell(event: Event, run: Run, column: str) -> Any:
    if column == "received_at":
        return datetime.fromtimestamp(run.delivery.received_us / 1e6, UTC).isoformat(timespec="seconds")
    if column == "data":
        return json.dumps(dict(event.data), ensure_ascii=False)[:CELL_CHARS]
    value = getattr(event, column, None)
    return value[:CELL_CHARS] if isinstance(value, str) else "" if value is None else value


class Sheet:
    """The few calls that are needed, without the metadata reads that gspread's objects make."""

    def __init__(self, http: gspread.HTTPClient, key: str) -> None:
        self.http = http
        self.key = key

    def header(self, tab: str) -> list[str]:
        """The first row's names; [] where it, or the tab, is not there yet."""
        try:
            return [str(name) for name in self.values(f"'{tab}'!1:1")]
        except gspread.exceptions.APIError as error:
            if error.response.status_code == 400 and "Unable to parse range" in error.response.text:
                return []
            raise

    def values(self, cells: str, **params: str) -> list[Any]:
        rows = self.http.values_get(self.key, cells, params=params or None).get("values", [])
        return list(rows[0]) if rows else []

    def prepare(self, tab: str, columns: Sequence[str], run: Run) -> list[str]:
        """Make the tab where it is missing, and write its first row. Harmless to repeat."""
        run.hold()
        try:
            self.http.batch_update(self.key, {"requests": [{"addSheet": {"properties": {"title": tab}}}]})
        except gspread.exceptions.APIError as error:
            if "already exists" not in error.response.text:
                raise
        params = {"valueInputOption": "RAW"}
        self.http.values_update(self.key, f"'{tab}'!A1", params=params, body={"values": [list(columns)]})
        return list(columns)

    def row_of(self, tab: str, column: int, delivery_id: str) -> int | None:
        letter = gspread.utils.rowcol_to_a1(1, column + 1).rstrip("1")
        found = self.values(f"'{tab}'!{letter}:{letter}", majorDimension="COLUMNS")
        return found.index(delivery_id) + 1 if delivery_id in found else None

    def append(self, tab: str, row: Sequence[Any]) -> str:
        """RAW: a phone number stays a phone number, and a formula that a caller spells stays text."""
        params = {"valueInputOption": "RAW", "insertDataOption": "INSERT_ROWS"}
        done = self.http.values_append(self.key, f"'{tab}'!A1", params=params, body={"values": [list(row)]})
        return str(done["updates"]["updatedRange"])


class Seam(gspread.HTTPClient):  # type: ignore[misc]
    """gspread's client with another server in Google's place, where GOOGLE_SHEETS_API_URL names one."""

    base = GOOGLE

    def request(self, method: str, endpoint: str, *args: Any, **options: Any) -> requests.Response:
        return super().request(  # type: ignore[no-any-return]
            method, endpoint.replace(GOOGLE, self.base, 1), *args, **options
        )


class Account(service_account.Credentials):
    """A service account's credentials, without the look-up of its regions: a second host, asked from a thread."""

    def _is_regional_access_boundary_lookup_required(self) -> bool:
        return False


@functools.cache
def client(info: str, base: str) -> gspread.HTTPClient:
    """One signed-in client for the process: its token lasts an hour."""
    kind = type("SeamTo", (Seam,), {"base": base.rstrip("/")})
    credentials = Account.from_service_account_info(json.loads(info), scopes=[SCOPE])  # type: ignore[no-untyped-call]
    found = gspread.Client(credentials, http_client=kind)
    found.set_timeout(TIMEOUT_S)
    return found.http_client


@functools.cache
def account(text: str, path: str) -> dict[str, str]:
    """The service account's key. Raises ConfigurationError where it is none."""
    where = "GOOGLE_SERVICE_ACCOUNT_JSON" if text else "GOOGLE_APPLICATION_CREDENTIALS"
    try:
        if not text:
            with open(path) as file:
                text = file.read()
        info = json.loads(text if text.startswith("{") else base64.b64decode(text, validate=True))
        key = info["private_key"].replace("\\n", "\n")  # hosts without multi-line variables store it so
        return {**info, "private_key": key, "client_email": info["client_email"], "token_uri": info["token_uri"]}
    except (OSError, ValueError, binascii.Error, KeyError, TypeError) as error:
        raise ConfigurationError(
            f"{where} is not the key of a service account: it should be the JSON that Google gave you, or base64 of it"
        ) from error


def refused(error: gspread.exceptions.APIError, email: str) -> NoReturn:
    """Raise what Google's answer means."""
    status, text = error.response.status_code, error.response.text
    if status == 429 or "ateLimitExceeded" in text:
        raise RetryLater("Google's quota for this minute is used up", delay_s=QUOTA_WINDOW_S) from error
    if status >= 500:
        raise RetryLater(f"Google answered {status}") from error
    if status == 403 and "SERVICE_DISABLED" in text:
        raise Pause("the Google Sheets API is not enabled in the service account's project: enable it") from error
    if status in (401, 403):
        raise Pause(f"Google answered {status}: share the sheet with {email} as an editor") from error
    if status == 404:
        raise Pause("there is no sheet with this GOOGLE_SHEET_ID: it is the part of its address after /d/") from error
    raise GiveUp(f"Google answered {status}") from error
