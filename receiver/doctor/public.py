"""The public address, asked as InboundFlow will ask it, without a signature: nothing is stored."""

from __future__ import annotations

import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import httpx

from ..errors import HandlerError, OperationError
from ..operations import Finding, advice, fine, problem
from ..settings import Settings
from ..toolkit import CertificateInvalid, send
from .certificate import UNKNOWN, check_certificate, invalid
from .redirects import redirected, without_slash
from .sleep import awake

PATH = "/webhooks/inboundflow"
TOTAL_S = 10  # InboundFlow waits no longer
SLOW_S = 5  # half of what InboundFlow waits
LARGE = 1024 * 1024 - 1024  # bytes: just under what the receiver takes


def check_url(settings: Settings, url: str, *, total_s: float = TOTAL_S, slow_s: float = SLOW_S) -> Iterator[Finding]:
    """Everything about the address itself. Its http:// twin has a check of its own."""
    if not url.startswith("https://"):
        yield problem(
            "public URL",
            "it does not begin with https://",
            why="callers' data would cross the internet for all to read",
            do="give the https:// address",
        )
    if settings.allow_unsigned:
        yield unasked()
        return
    where = endpoint(url)
    began = time.monotonic()
    try:
        answer = send("POST", where, content=b"{}", read_s=total_s, total_s=total_s)
    except CertificateInvalid:
        yield next(check_certificate(where), invalid(UNKNOWN))
        return
    except HandlerError as error:
        yield unanswered(error)
        return
    took_s = time.monotonic() - began
    if (finding := unlike_ours(where, answer)) is not None:
        yield finding
        return
    yield fine("public URL", f"the receiver answers there in {took_s:.1f} s")
    if took_s > slow_s:
        yield slow(where, settings, took_s)
    yield from check_certificate(where)
    yield from check_clock(settings, answer)
    yield from check_size(where, max(1, total_s - took_s))


def check_address(url: str) -> str:
    """The same. Raises OperationError where it is no address; the text of it may hold a secret."""
    try:
        parts = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        parts = httpx.URL()
    if url and not (parts.scheme in ("https", "http") and parts.host):
        raise OperationError("it should look like https://calls.example.com")
    return url


def endpoint(url: str) -> str:
    """Where to ask: the whole address exactly as it was given, as a slash too many matters."""
    return url if PATH in url else url.rstrip("/") + PATH


def plain_twin(url: str) -> str:
    """The same address with http://; "" where it has a port of its own, as nothing listens for http there."""
    parts = httpx.URL(endpoint(url))
    return str(parts.copy_with(scheme="http")) if parts.scheme == "https" and parts.port is None else ""


def unasked() -> Finding:
    return advice(
        "public URL",
        "it was not asked, as the receiver would keep what is asked without a signature",
        why="whoever finds the address can make up calls",
        do="remove INBOUNDFLOW_ALLOW_UNSIGNED, and look again",
    )


def unanswered(error: HandlerError) -> Finding:
    return problem(
        "public URL",
        f"nothing answers there: {error}",
        why="InboundFlow would get no answer either",
        do="see that the receiver runs, that the name leads to it, and that its port is open",
    )


def slow(where: str, settings: Settings, took_s: float) -> Finding:
    return problem(
        "public URL",
        f"its first answer took {took_s:.0f} s",
        why="InboundFlow waits 10 s: a plan that sleeps is too slow to wake",
        do=awake(where, settings),
    )


def unlike_ours(where: str, answer: httpx.Response) -> Finding | None:
    """What answers instead of the receiver; None where it is the receiver."""
    if is_ours(answer):
        return None
    if 300 <= answer.status_code < 400:
        return redirected(where, answer, is_ours)
    if is_page(answer):
        message = f"a web page answers (status {answer.status_code}), and not the receiver"
    elif answer.status_code == 200:
        return problem(
            "public URL",
            "a request without a signature is taken",
            why="either that is not the receiver, or anybody can make up calls",
            do="see what runs there; if it is the receiver, remove INBOUNDFLOW_ALLOW_UNSIGNED",
        )
    else:
        message = f"something other than the receiver answers (status {answer.status_code})"
    return without_slash(where, is_ours) or problem(
        "public URL",
        message,
        why="a log-in page, a proxy's error page or another app stands before it",
        do=f"lead POST {PATH} to the receiver without a log-in",
    )


def is_page(answer: httpx.Response) -> bool:
    return "html" in answer.headers.get("content-type", "") or answer.content[:200].lstrip().startswith(b"<")


def is_ours(answer: httpx.Response) -> bool:
    try:
        document = answer.json()
    except ValueError:
        return False
    return (
        answer.status_code >= 400 and isinstance(document, dict) and {"status", "reason", "detail"} <= document.keys()
    )


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


def check_size(where: str, total_s: float) -> Iterator[Finding]:
    try:
        answer = send("POST", where, content=b" " * LARGE, read_s=total_s, total_s=total_s)
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
