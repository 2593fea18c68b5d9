"""HTTP to destinations: explicit time-outs, no redirects, no proxies from the environment, bounded answers."""

from __future__ import annotations

import functools
import json
import logging
import socket
import ssl
import threading
from collections.abc import Collection, Iterator, Mapping
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
MAKING = threading.Lock()  # a process begins with many requests at once, and each would make a client of its own

for name in ("httpx", "httpcore"):
    logging.getLogger(name).setLevel(logging.CRITICAL)  # at INFO they write each URL, and a URL may be a secret


class NoAnswer(RetryLater):
    """A RetryLater: nothing came back, and whether the request was received is not known."""


class CertificateInvalid(NoAnswer):
    """A NoAnswer: nothing was sent, as the server could not show that it is who it says."""


def client(allowed: frozenset[str] | None = None) -> httpx.Client:
    """One client for the process, safe for its threads. With `allowed`, private addresses are refused but for these."""
    with MAKING:
        return made_client(allowed)


@functools.cache
def made_client(allowed: frozenset[str] | None) -> httpx.Client:
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
    """A connection on which nothing was sent yet, to see whether a destination can be reached: close it.

    It is made within `timeout_s` seconds. Raises httpcore's NetworkError and TimeoutException, and GiveUp for
    a private address that is not `allowed`.
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
    """The answer, whatever its status, as an httpx.Response that is read: its first `answer_bytes` bytes.

    No redirect is followed. Without `allowed` any address will do; with it, private addresses are refused but for these
    `host:port`s: for URLs that were typed in. A connection is made within 3 seconds, the answer begins within `read_s`,
    and after `total_s` seconds it ends, however it drips: what came of the body by then counts.
    Raises NoAnswer where no answer came, GiveUp for a URL that cannot be used or whose host is a private address.
    A name that leads to one is a RetryLater a few times, and then a dead letter.
    """
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
        raise kind(f"no answer ({type(error).__name__})", failure=failure_of(error)) from error
    except httpx.InvalidURL as error:
        raise GiveUp("the URL cannot be used") from error


def beginning(answer: httpx.Response, limit: int) -> bytes:
    """The body's first `limit` bytes, or what had come when time was up: the status is known by then."""
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


def failure_of(error: httpx.HTTPError) -> str:
    """The slug for a request without an answer."""
    import httpx

    if isinstance(error, httpx.TimeoutException):
        return "timeout"
    if any(isinstance(cause, ssl.SSLError) for cause in causes(error)):
        return "tls"
    if any(isinstance(cause, socket.gaierror) for cause in causes(error)):
        return "dns"
    return "connect" if isinstance(error, httpx.ConnectError) else "no-answer"


def causes(error: BaseException | None) -> Iterator[BaseException]:
    while error:
        yield error
        error = error.__cause__ or error.__context__


def is_about_certificate(error: BaseException | None) -> bool:
    return any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes(error))


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
    allowed: frozenset[str] | None = None,
    answer_bytes: int = ANSWER_BYTES,
) -> httpx.Response:
    """The answer to a body that is sent as JSON (None: no body), whatever its status. As `send`."""
    usual = {"Accept-Encoding": "identity", "Content-Type": "application/json"}
    if token:
        usual["Authorization"] = f"Bearer {token}"
    content = json.dumps(body).encode() if body is not None else None
    usual |= headers or {}
    return send(method, url, content=content, headers=usual, allowed=allowed, answer_bytes=answer_bytes)


def get_json(
    url: str, *, token: str = "", headers: Mapping[str, str] | None = None, allowed: frozenset[str] | None = None
) -> Any:
    """The JSON that a GET answers with; None for an empty answer.

    `token` goes into the Authorization header, behind `Bearer`; another scheme or another header stands in `headers`.
    `allowed` is that of `send`: give it where a business may set the address. Raises as `check_status`, NoAnswer where
    no answer came within 15 seconds, and RetryLater for an answer that is not JSON.
    """
    return request_json("GET", url, token=token, headers=headers, allowed=allowed)


def post_json(
    url: str,
    body: Any = None,
    *,
    token: str = "",
    headers: Mapping[str, str] | None = None,
    allowed: frozenset[str] | None = None,
) -> Any:
    """Send `body` as JSON with POST, and return the answer. As `get_json`."""
    return request_json("POST", url, body, token=token, headers=headers, allowed=allowed)


def put_json(
    url: str,
    body: Any = None,
    *,
    token: str = "",
    headers: Mapping[str, str] | None = None,
    allowed: frozenset[str] | None = None,
) -> Any:
    """Send `body` as JSON with PUT, and return the answer. As `get_json`."""
    return request_json("PUT", url, body, token=token, headers=headers, allowed=allowed)


def patch_json(
    url: str,
    body: Any = None,
    *,
    token: str = "",
    headers: Mapping[str, str] | None = None,
    allowed: frozenset[str] | None = None,
) -> Any:
    """Send `body` as JSON with PATCH, and return the answer. As `get_json`."""
    return request_json("PATCH", url, body, token=token, headers=headers, allowed=allowed)


def request_json(
    method: str,
    url: str,
    body: Any = None,
    *,
    token: str,
    headers: Mapping[str, str] | None,
    allowed: frozenset[str] | None,
) -> Any:
    answer = send_json(method, url, body, token=token, headers=headers, allowed=allowed)
    check_status(answer.status_code, answer.headers)
    if not answer.content:
        return None
    try:
        return answer.json()
    except ValueError as error:
        raise RetryLater("the destination answered with something other than JSON") from error
