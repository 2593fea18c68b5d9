"""The public address, asked as InboundFlow will ask it, without a signature: nothing is stored."""

from __future__ import annotations

import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import httpx

from ..destinations import send
from ..destinations.http import CertificateInvalid
from ..errors import HandlerError
from ..settings import Settings
from .finding import Finding, advice, fine, problem

PATH = "/webhooks/inboundflow"
TOTAL_S = 12  # InboundFlow waits 10 s
SLOW_S = 5  # half of what InboundFlow waits
LARGE = 1024 * 1024 - 1024  # bytes: just under what the receiver takes


def check_url(settings: Settings, url: str) -> Iterator[Finding]:
    if not url.startswith("https://"):
        yield problem(
            "public URL",
            "it does not begin with https://",
            why="callers' data would cross the internet for all to read",
            do="give the https:// address",
        )
    where = url.rstrip("/").removesuffix(PATH) + PATH
    began = time.monotonic()
    try:
        answer = send("POST", where, content=b"{}", read_s=TOTAL_S, total_s=TOTAL_S)
    except CertificateInvalid:
        yield problem(
            "public URL",
            "its certificate is not valid for this name, or has expired",
            why="InboundFlow sends nothing there",
            do="renew it, or let the platform or Caddy do so",
        )
        return
    except HandlerError as error:
        yield problem(
            "public URL",
            f"nothing answers there: {error}",
            why="InboundFlow would get no answer either",
            do="see that the receiver runs, that the name leads to it, and that its port is open",
        )
        return
    took_s = time.monotonic() - began
    if (found := unlike_ours(answer)) is not None:
        yield found
        return
    yield fine("public URL", f"the receiver answers there in {took_s:.1f} s")
    if took_s > SLOW_S:
        yield problem(
            "public URL",
            f"its first answer took {took_s:.0f} s",
            why="InboundFlow waits 10 s: a plan that sleeps is too slow to wake",
            do="take a plan that does not sleep (on Fly: auto_stop_machines = 'off')",
        )
    yield from check_clock(settings, answer)
    yield from check_size(where)


def unlike_ours(answer: httpx.Response) -> Finding | None:
    """What answers instead of the receiver; None where it is the receiver."""
    if 300 <= answer.status_code < 400:
        return problem(
            "public URL",
            f"it redirects (status {answer.status_code})",
            why="InboundFlow follows no redirect, and counts it as a failure",
            do="give InboundFlow the address that it redirects to, or switch the redirect off for this path",
        )
    if answer.status_code == 200:
        return problem(
            "public URL",
            "a request without a signature is taken",
            why="either that is not the receiver, or anybody can make up calls",
            do="see what runs there; if it is the receiver, remove INBOUNDFLOW_ALLOW_UNSIGNED",
        )
    if is_ours(answer):
        return None
    return problem(
        "public URL",
        f"something other than the receiver answers (status {answer.status_code})",
        why="a log-in page, a proxy's error page or another app stands before it",
        do=f"lead POST {PATH} to the receiver without a log-in",
    )


def is_ours(answer: httpx.Response) -> bool:
    try:
        said = answer.json()
    except ValueError:
        return False
    return answer.status_code >= 400 and isinstance(said, dict) and {"status", "reason", "detail"} <= said.keys()


def check_clock(settings: Settings, answer: httpx.Response) -> Iterator[Finding]:
    try:
        off_s = abs(parsedate_to_datetime(answer.headers.get("date", "")).timestamp() - time.time())
    except ValueError:
        return
    if off_s > settings.tolerance_s / 2:
        yield problem(
            "clock",
            f"this machine's and the public address's differ by {off_s:.0f} s",
            why=f"a signature over {settings.tolerance_s} s old is refused",
            do="switch on time synchronisation: timedatectl set-ntp true",
        )


def check_size(where: str) -> Iterator[Finding]:
    try:
        answer = send("POST", where, content=b" " * LARGE, read_s=TOTAL_S, total_s=TOTAL_S)
        ours = is_ours(answer)
    except HandlerError:
        ours = False
    if not ours:
        yield advice(
            "public URL",
            "a delivery of 1 MB does not reach the receiver",
            why="a long call's transcript can be large",
            do="raise the proxy's limit (nginx: client_max_body_size 2m)",
        )
