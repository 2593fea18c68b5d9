"""HTTP to destinations: explicit time-outs, no redirects, no proxies from the environment, bounded answers."""

from __future__ import annotations

import functools
import json
import logging
import ssl
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import GiveUp, RetryLater
from .deadline import within
from .outcomes import check_status

if TYPE_CHECKING:  # they are large: whoever sends nothing does without them
    import httpcore
    import httpx

CONNECT_S, READ_S = 3, 10
TOTAL_S = 15  # of the whole request, however it is dripped. Less than a handler's 20 s.
ANSWER_BYTES = 64 * 1024

for name in ("httpx", "httpcore"):
    logging.getLogger(name).setLevel(logging.WARNING)  # at INFO they write each URL, and a URL may be a secret


class NoAnswer(RetryLater):
    """Nothing came back: whether the request was received is not known."""


class CertificateInvalid(NoAnswer):
    """Nothing was sent: the server could not show that it is who it says."""


@functools.cache
def client(allowed: frozenset[str] | None = None) -> httpx.Client:
    """One client for the process, safe for its threads. With `allowed`, private addresses are refused but for these."""
    from http.cookiejar import CookieJar, DefaultCookiePolicy

    import httpx

    from .connections import GuardedTransport

    return httpx.Client(
        follow_redirects=False,
        trust_env=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # nothing goes from one request to the next
        transport=GuardedTransport(allowed),
    )


def connect(host: str, port: int, *, allowed: Collection[str], timeout_s: float) -> httpcore.NetworkStream:
    """A connection on which nothing was said yet: to see whether a destination can be reached.

    Raises httpcore's NetworkError and TimeoutException, and GiveUp for a private address that is not `allowed`.
    """
    from .connections import GuardedBackend

    return GuardedBackend(allowed).connect_tcp(host, port, timeout_s)


def send(
    method: str,
    url: str,
    *,
    content: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    allowed: frozenset[str] | None = None,
    read_s: float = READ_S,
    total_s: float = TOTAL_S,
    answer_bytes: int = ANSWER_BYTES,
) -> httpx.Response:
    """The answer, whatever its status, cut to `answer_bytes`. Raises NoAnswer (a RetryLater) where there was none."""
    import httpx

    timeout = httpx.Timeout(read_s, connect=CONNECT_S)
    try:
        with (
            within(total_s),
            client(allowed).stream(
                method, url, content=content, headers=dict(headers or {}), timeout=timeout
            ) as answer,
        ):
            return httpx.Response(
                answer.status_code, headers=without_encoding(answer.headers), content=beginning(answer, answer_bytes)
            )
    except httpx.HTTPError as error:
        kind = CertificateInvalid if is_about_certificate(error) else NoAnswer
        raise kind(f"no answer ({type(error).__name__})") from error
    except httpx.InvalidURL as error:
        raise GiveUp("the URL cannot be used") from error


def beginning(answer: httpx.Response, limit: int) -> bytes:
    """The body's first `limit` bytes, or what of it had come when time was up: the status is known by then."""
    import httpx

    body = b""
    try:
        for piece in answer.iter_raw():
            body += piece
            if len(body) > limit:
                break
    except httpx.TimeoutException:
        pass
    return body[:limit]


def is_about_certificate(error: BaseException | None) -> bool:
    while error and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error is not None


def without_encoding(headers: httpx.Headers) -> dict[str, str]:
    """Headers without those that say how the body was packed: we asked for none of that, and cut it."""
    return {k: v for k, v in headers.items() if k not in ("content-encoding", "transfer-encoding", "content-length")}


def send_json(
    method: str,
    url: str,
    body: Any = None,
    *,
    token: str = "",
    headers: Mapping[str, str] | None = None,
    answer_bytes: int = ANSWER_BYTES,
) -> httpx.Response:
    """The answer to a body sent as JSON (None: no body), whatever its status. Raises as `send`."""
    usual = {"Accept-Encoding": "identity", "Content-Type": "application/json"}
    if token:
        usual["Authorization"] = f"Bearer {token}"
    content = json.dumps(body).encode() if body is not None else None
    return send(method, url, content=content, headers=usual | dict(headers or {}), answer_bytes=answer_bytes)


def request_json(method: str, url: str, body: Any = None, *, token: str = "") -> Any:
    answer = send_json(method, url, body, token=token)
    check_status(answer.status_code, answer.headers)
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
