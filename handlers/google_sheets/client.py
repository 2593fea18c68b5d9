"""A signed-in client of Google's, with the habits of its library switched off."""

from __future__ import annotations

import functools
import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import gspread
import requests
from google.auth.transport.requests import AuthorizedSession, Request
from google.oauth2 import service_account

from receiver import ConfigurationError
from receiver.toolkit import time_left_s

from .account import GOOGLE

SCOPE = "https://www.googleapis.com/auth/spreadsheets"
TIMEOUT_S = (3, 8)  # to connect, and for an answer: gspread waits for ever by default
AT_ONCE = 8  # so many may come together: a first call's four events make four tabs
APART_S = 1.16  # after that; Google takes 60 reads and 60 writes a minute

# urllib3's by their own names, as other clients set the level of "urllib3" to WARNING.
for name in ("google", "gspread", "requests", "urllib3", "urllib3.connection", "urllib3.connectionpool"):
    logging.getLogger(name).setLevel(logging.CRITICAL)  # below it they write of answers, which may echo what was sent


class Meter:
    """Keeps requests apart. `pace_s` keeps calls apart, whichever workers make them, but a call of mixed events makes
    several requests, and ten such calls would use up the minute's quota.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep) -> None:
        self.now = now
        self.sleep = sleep
        self.mutex = threading.Lock()
        self.due = now()  # when the last request would have come, had all come evenly

    def wait(self) -> None:
        with self.mutex:
            now = self.now()
            self.due = max(self.due, now) + APART_S
            early_s = self.due - now - AT_ONCE * APART_S
        if early_s > 0:
            self.sleep(early_s)


class MeteredClient(gspread.HTTPClient):  # type: ignore[misc]
    """gspread's plain client (its BackOffHTTPClient would write again by itself), metered.

    Another server stands in Google's place, where GOOGLE_SHEETS_API_URL names one.
    """

    base = GOOGLE

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.reads, self.writes = Meter(), Meter()

    def request(self, method: str, endpoint: str, *args: Any, **options: Any) -> requests.Response:
        (self.reads if method == "get" else self.writes).wait()
        connect_s, read_s = TIMEOUT_S
        self.set_timeout((time_left_s(connect_s), time_left_s(read_s)))
        return super().request(  # type: ignore[no-any-return]
            method, endpoint.replace(GOOGLE, self.base, 1), *args, **options
        )


class Account(service_account.Credentials):
    """A service account's credentials, without the look-up of its regions: a second host, asked from a thread."""

    def _is_regional_access_boundary_lookup_required(self) -> bool:
        return False


def sign_in(info: Mapping[str, str], base: str) -> gspread.HTTPClient:
    """One signed-in client for the process: its token lasts an hour. Raises ConfigurationError for a broken key."""
    return client(json.dumps(info), base)


@functools.cache
def client(info: str, base: str) -> gspread.HTTPClient:
    kind = type("ClientOf", (MeteredClient,), {"base": base.rstrip("/")})
    try:
        credentials = Account.from_service_account_info(json.loads(info), scopes=[SCOPE])  # type: ignore[no-untyped-call]
    except ValueError as error:
        raise ConfigurationError(
            "the private_key of the service account is not whole: paste the file again, or base64 of it"
        ) from error
    asking = Request(requests.Session())  # else a token is asked for four times over by the library itself
    session = AuthorizedSession(credentials, auth_request=asking)  # type: ignore[no-untyped-call]
    signed_in = gspread.Client(credentials, session=session, http_client=kind)
    signed_in.set_timeout(TIMEOUT_S)
    return signed_in.http_client
