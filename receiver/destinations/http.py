"""HTTP to destinations: explicit time-outs, no redirects, no proxies from the environment, bounded answers."""

from __future__ import annotations

import functools
import json
import time
from collections.abc import Mapping
from typing import Any

import httpx

from ..errors import RetryLater
from .addresses import guarded_transport
from .outcomes import check

CONNECT_S, READ_S = 3, 10
TOTAL_S = 15  # httpx bounds each read; a destination can drip. Less than a handler's 20 s.
ANSWER_BYTES = 64 * 1024


@functools.cache
def client(allowed: frozenset[str] | None = None) -> httpx.Client:
    """One client for the process, safe for its threads. With `allowed`, private addresses are refused but for these."""
    return httpx.Client(
        timeout=httpx.Timeout(READ_S, connect=CONNECT_S),
        follow_redirects=False,
        trust_env=False,
        transport=guarded_transport(allowed) if allowed is not None else None,
    )


def send(
    method: str,
    url: str,
    *,
    content: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    allowed: frozenset[str] | None = None,
) -> httpx.Response:
    """The answer, whatever its status, cut to 64 KiB. Raises RetryLater where there was none."""
    deadline = time.monotonic() + TOTAL_S
    try:
        with client(allowed).stream(method, url, content=content, headers=dict(headers or {})) as answer:
            body = b""
            for piece in answer.iter_raw():
                body += piece
                if len(body) > ANSWER_BYTES or time.monotonic() > deadline:
                    break
            return httpx.Response(answer.status_code, headers=plain(answer.headers), content=body[:ANSWER_BYTES])
    except httpx.HTTPError as error:
        raise RetryLater(f"no answer ({type(error).__name__})") from error


def plain(headers: httpx.Headers) -> dict[str, str]:
    """Headers without those that say how the body was packed: we asked for none of that, and cut it."""
    return {k: v for k, v in headers.items() if k not in ("content-encoding", "transfer-encoding", "content-length")}


def request_json(method: str, url: str, body: Any = None, *, token: str = "") -> Any:
    headers = {"Accept-Encoding": "identity", "Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    content = json.dumps(body).encode() if body is not None else None
    answer = send(method, url, content=content, headers=headers)
    check(answer.status_code, answer.headers)
    if not answer.content:
        return None
    try:
        return answer.json()
    except ValueError as error:
        raise RetryLater("the destination answered with something other than JSON") from error


get_json = functools.partial(request_json, "GET")
post_json = functools.partial(request_json, "POST")
put_json = functools.partial(request_json, "PUT")
patch_json = functools.partial(request_json, "PATCH")
