"""Connections to destinations: the address that is really used is checked, and one deadline holds for every step.

Functions that send a request import this file when they run, as httpx and httpcore are large.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import httpcore
import httpx

from ..errors import GiveUp, RetryLater
from .addresses import is_public, resolve, stays_private
from .deadline import remaining_s

log = logging.getLogger("receiver.toolkit")

WRITE_BYTES = 16 * 1024  # a write is bounded by the kernel's patience with each piece, so pieces are small
CONNECTIONS = 500  # at once, to all targets: 25 that hang take none from another. A process may open 1,024 files
IDLE_CONNECTIONS, IDLE_S = 100, 5  # kept for the next request
PRIVATE_TRIES = 4  # of a name that leads to a private address: two and a half minutes on the schedule
PRIVATE_WAIT_S = 5  # for which the target's other runs wait too

# The special ones first: the first that an error is an instance of gives its name at httpx.
ERRORS = {
    getattr(httpcore, name): cast("type[httpx.TransportError]", getattr(httpx, name))
    for name in (
        "ConnectTimeout", "ReadTimeout", "WriteTimeout", "PoolTimeout", "TimeoutException", "ConnectError", "ReadError",
        "WriteError", "NetworkError", "ProxyError", "UnsupportedProtocol", "LocalProtocolError", "RemoteProtocolError",
        "ProtocolError",
    )
}  # fmt: skip

Resolve = Callable[[str, int], Sequence[str]]
Dial = Callable[..., httpcore.NetworkStream]


class TimedStream(httpcore.NetworkStream):
    """A connection that keeps to the deadline of whichever request uses it."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self.stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.stream.read(max_bytes, remaining_s(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), WRITE_BYTES):
            self.stream.write(buffer[start : start + WRITE_BYTES], remaining_s(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        wait_s = remaining_s(timeout, httpcore.ConnectTimeout)
        return TimedStream(self.stream.start_tls(ssl_context, server_hostname, wait_s))

    def get_extra_info(self, info: str) -> Any:
        return self.stream.get_extra_info(info)


class GuardedBackend(httpcore.SyncBackend):
    """Resolves a name once, refuses private addresses, and connects to the very address it checked.

    With `allowed` None any address will do: for APIs whose address the operator cannot choose.
    """

    def __init__(
        self,
        allowed: Collection[str] | None,
        *,
        resolve: Resolve = resolve,
        dial: Dial | None = None,
    ) -> None:
        self.allowed = allowed
        self.resolve = resolve
        self.dial = dial or super().connect_tcp

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *args: Any, **options: Any
    ) -> httpcore.NetworkStream:
        addresses = list(dict.fromkeys(self.resolve(host, port)))
        if self.allowed is not None and f"{host.lower()}:{port}" not in self.allowed:
            addresses = [address for address in addresses if is_public(address)]
        if not addresses:
            log.warning("security: a connection to a private address was refused. FORWARD_ALLOW_HOSTS can allow it")
            raise leads_to_private(host)
        for address in addresses[:-1]:
            try:
                return self.connect_address(address, port, timeout, *args, **options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self.connect_address(addresses[-1], port, timeout, *args, **options)

    def connect_address(
        self, address: str, port: int, timeout: float | None, *args: Any, **options: Any
    ) -> httpcore.NetworkStream:
        return TimedStream(self.dial(address, port, remaining_s(timeout, httpcore.ConnectTimeout), *args, **options))


def leads_to_private(host: str) -> GiveUp | RetryLater:
    """What to raise: a name may be private for a moment only, behind a resolver that filters or at a hotel's portal."""
    reason = "the URL leads to a private address. If that is meant, add its host:port to FORWARD_ALLOW_HOSTS"
    if stays_private(host):
        return GiveUp(reason)
    return RetryLater(reason, delay_s=PRIVATE_WAIT_S, failure="private-address", tries=PRIVATE_TRIES)


class Pool(httpcore.ConnectionPool):
    """Of a connection that one thread was given, no other closes it before the first has begun to use it.

    httpcore's own pool does, where the connection's time as an idle one is over in that moment, or where there are more
    connections, busy ones too, than idle ones are kept: what was sent on it has arrived, its answer is lost, and it is
    sent again.
    """

    def _assign_requests_to_connections(self) -> list[httpcore.ConnectionInterface]:
        """The connections to close."""
        given = {id(request.connection) for request in self._requests}
        free = [each for each in self._connections if id(each) not in given and not each.is_closed()]
        closing = [each for each in free if each.has_expired()]
        free = [each for each in free if each not in closing]
        for request in self._requests:
            if not request.is_queued():
                continue
            origin = request.request.url.origin
            connection = next((each for each in free if each.can_handle_request(origin) and each.is_available()), None)
            if connection:
                free.remove(connection)
            else:
                if len(self._connections) - len(closing) >= self._max_connections:
                    if not free:
                        break  # until one is given back
                    closing.append(free.pop(0))
                connection = self.create_connection(origin)
                self._connections.append(connection)
            request.assign_to_connection(connection)
        closing += free[: max(0, len(free) - self._max_keepalive_connections)]
        self._connections = [each for each in self._connections if each not in closing and not each.is_closed()]
        return closing


class GuardedTransport(httpx.BaseTransport):
    """httpx's transport over a GuardedBackend: its own takes no `network_backend`, httpcore's pool does."""

    def __init__(self, allowed: Collection[str] | None) -> None:
        self.pool = Pool(
            ssl_context=httpx.create_ssl_context(),
            max_connections=CONNECTIONS,
            max_keepalive_connections=IDLE_CONNECTIONS,
            keepalive_expiry=IDLE_S,
            network_backend=GuardedBackend(allowed),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        with httpx_errors():
            answer = self.pool.handle_request(
                httpcore.Request(
                    method=request.method,
                    url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        body = AnswerBody(cast("Iterable[bytes]", answer.stream))
        return httpx.Response(answer.status, headers=answer.headers, stream=body, extensions=answer.extensions)

    def close(self) -> None:
        self.pool.close()


class AnswerBody(httpx.SyncByteStream):
    """An answer's body, piece by piece as it comes."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        with httpx_errors():
            yield from self.pieces

    def close(self) -> None:
        if hasattr(self.pieces, "close"):
            self.pieces.close()


@contextmanager
def httpx_errors() -> Iterator[None]:
    """Raise httpcore's errors as httpx's of the same name."""
    try:
        yield
    except tuple(ERRORS) as error:
        kind = next(twin for own, twin in ERRORS.items() if isinstance(error, own))
        raise kind(str(error)) from error
