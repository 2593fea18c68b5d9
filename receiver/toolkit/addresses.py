"""Which addresses may be connected to: the one really used is checked, not an earlier look-up of its name."""

from __future__ import annotations

import ipaddress
import logging
import socket
import threading
from collections.abc import Callable, Collection, Sequence
from typing import Any

import httpcore
import httpx

from ..errors import ConfigurationError, GiveUp
from .deadline import TimedStream, left

log = logging.getLogger("receiver.toolkit")

# IPv6's public addresses; outside it are loopback, private, link- and site-local, multicast, NAT64, and all those
# that hold an IPv4 address in some way, many of which say is_global in Python.
PUBLIC = ipaddress.ip_network("2000::/3")
# These lie in it, or are IPv4 and say is_global, and lead elsewhere: 6to4 and its relays, Teredo, documentation.
EXCEPT = [ipaddress.ip_network(n) for n in ("2002::/16", "2001::/32", "3fff::/20", "192.88.99.0/24")]

Resolve = Callable[[str, int], Sequence[str]]
Dial = Callable[..., httpcore.NetworkStream]


def is_public(address: str) -> bool:
    """Whether an address belongs to the public internet."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if found.version == 6 and found.ipv4_mapped:
        return is_public(str(found.ipv4_mapped))
    if found.version == 6 and found not in PUBLIC:
        return False
    return found.is_global and not found.is_multicast and not any(found in network for network in EXCEPT)


def allowed_hosts(text: str) -> frozenset[str]:
    """What FORWARD_ALLOW_HOSTS holds: `host:port …`; an IPv6 address stands with or without its brackets."""
    return frozenset(text.lower().replace("[", "").replace("]", "").replace(",", " ").split())


def check_url(url: str, variable: str, allowed: Collection[str] = ()) -> None:
    """Raise ConfigurationError where no delivery may go to this URL. The message does not hold it: it may be a secret.

    It has to be https, or http where its host:port is among the `allowed`.
    """
    if "…" in url:
        raise ConfigurationError(f"{variable} still has the … of an example in it: put your own URL there")
    try:
        parts = httpx.URL(url)
    except (httpx.InvalidURL, ValueError) as error:
        raise ConfigurationError(f"{variable} is not a URL that can be used: copy it again") from error
    port = (443 if parts.scheme == "https" else 80) if parts.port is None else parts.port
    if parts.userinfo:
        raise ConfigurationError(f"{variable} has a user name or a password in its URL: leave that out")
    if parts.scheme != "https" and not (parts.scheme == "http" and place(parts, port) in allowed):
        raise ConfigurationError(
            f"{variable} should begin with https:// (http is for a host:port that stands in FORWARD_ALLOW_HOSTS)"
        )
    if not parts.host or "%" in parts.host or not 0 < port < 65536:
        raise ConfigurationError(f"{variable} has no usable host and port in its URL: copy it again")


def place(parts: httpx.URL, port: int) -> str:
    return f"{parts.raw_host.decode().lower()}:{port}"


def masked(url: str) -> str:
    """A URL as it may be shown: its scheme, its host, and its end where that gives little of it away."""
    try:
        parts = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        return "…"
    path = parts.raw_path.decode(errors="replace")
    return f"{parts.scheme}://{parts.netloc.decode()}/…{path[-4:] if len(path) > 12 else ''}"


def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, or of a number however it is written. Raises httpcore's errors, in time."""
    found: list[str] = []
    failed: list[OSError] = []

    def look_up() -> None:
        try:
            found.extend(str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except OSError as error:
            failed.append(error)
        except UnicodeError:
            failed.append(OSError("no name that can be looked up"))

    # In a thread, as getaddrinfo has no time-out of its own.
    thread = threading.Thread(target=look_up, daemon=True, name="resolve")
    thread.start()
    thread.join(left(None, httpcore.ConnectTimeout))
    if failed:
        raise httpcore.ConnectError(str(failed[0])) from failed[0]
    if not found:
        raise httpcore.ConnectTimeout("the name was not found in time")
    return found


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
        found = list(dict.fromkeys(self.resolve(host, port)))
        if self.allowed is not None and f"{host.lower()}:{port}" not in self.allowed:
            found = [address for address in found if is_public(address)]
        if not found:
            log.warning("security: a connection to a private address was refused. FORWARD_ALLOW_HOSTS can allow it")
            raise GiveUp(
                "the URL leads to a private address. If that is meant, add its host:port to FORWARD_ALLOW_HOSTS"
            )
        for address in found[:-1]:
            try:
                return self.connect_one(address, port, timeout, *args, **options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self.connect_one(found[-1], port, timeout, *args, **options)

    def connect_one(
        self, address: str, port: int, timeout: float | None, *args: Any, **options: Any
    ) -> httpcore.NetworkStream:
        return TimedStream(self.dial(address, port, left(timeout, httpcore.ConnectTimeout), *args, **options))


def guarded_transport(allowed: Collection[str] | None) -> httpx.HTTPTransport:
    transport = httpx.HTTPTransport(retries=0)
    pool = transport._pool  # httpx has no other way in; 0.28 is pinned for it
    assert isinstance(pool, httpcore.ConnectionPool)  # noqa: S101 - for the type
    pool._network_backend = GuardedBackend(allowed)
    return transport
