"""Redirects at the public address: InboundFlow follows none, so it has to be given the address that they lead to."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx

from ..errors import HandlerError
from ..operations import Finding, advice, fine, problem
from ..toolkit import send

ANSWER_S = 4  # each of two or three requests, inside what all of the doctor's work may take
FOLLOWS_NONE = "InboundFlow follows no redirect, and counts it as a failure"
WITHOUT_LOG_IN = "lead POST {} to the receiver without a log-in or a redirect"

IsOurs = Callable[[httpx.Response], bool]


def redirected(url: str, answer: httpx.Response, is_ours: IsOurs) -> Finding:
    """Which address to give InboundFlow in place of one that redirects."""
    target = httpx.URL(url).join(answer.headers.get("location", url))
    shown = without_query(target)
    ours = shown != without_query(httpx.URL(url)) and answers(shown, is_ours)
    return problem(
        "public URL",
        f"it redirects to {shown} (status {answer.status_code})",
        why=FOLLOWS_NONE,
        do=f"give InboundFlow {shown}" if ours else WITHOUT_LOG_IN.format(httpx.URL(url).path),
    )


def without_slash(url: str, is_ours: IsOurs) -> Finding | None:
    """Where nothing of ours answers at an address that ends in a slash, and it does without."""
    if not url.endswith("/") or not answers(url.rstrip("/"), is_ours):
        return None
    return problem(
        "public URL",
        "it has a slash at its end, and the receiver is at the address without one",
        why="InboundFlow would get 404",
        do=f"give InboundFlow {url.rstrip('/')}",
    )


def check_plain(url: str, is_ours: IsOurs) -> Iterator[Finding]:
    """The same address with http://: that it redirects is as it should be, and so is no answer."""
    try:
        answer = send("POST", url, content=b"{}", read_s=ANSWER_S, total_s=ANSWER_S)
    except HandlerError:
        return
    if answer.headers.get("location", "").startswith("https://"):
        yield fine("public URL", "its http:// address leads to https://")
    elif is_ours(answer):
        yield advice(
            "public URL",
            "the receiver also answers at the http:// address",
            why="what is sent there crosses the internet for all to read",
            do="redirect http:// to https:// (Caddy does so by itself; on Fly: force_https = true)",
        )


def answers(url: str, is_ours: IsOurs) -> bool:
    try:
        return is_ours(send("POST", url, content=b"{}", read_s=ANSWER_S, total_s=ANSWER_S))
    except HandlerError:
        return False


def without_query(url: httpx.URL) -> str:
    """As it may be shown: a log-in page's address holds where one came from, and at times more."""
    return str(url.copy_with(query=None, fragment=None, username=None, password=None))
