"""Which addresses may be connected to: the one really used is checked, not an earlier look-up of its name."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx

from ..errors import ConfigurationError, GiveUp

# These say is_global in Python, and reach into private networks all the same (NAT64, 6to4, Teredo).
TUNNELS = [ipaddress.ip_network(n) for n in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")]


def check_url(url: str, variable: str, allowed: Iterable[str]) -> None:
    """Raise ConfigurationError where a target's URL cannot be used. The message never holds it: it may be a secret."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise ConfigurationError(f"{variable} is not a URL") from error
    if parts.username or parts.password:
        raise ConfigurationError(f"{variable} has a user name in it: leave that out")
    if not parts.hostname or not (
        parts.scheme == "https" or (parts.scheme == "http" and f"{parts.hostname}:{port}" in allowed)
    ):
        raise ConfigurationError(f"{variable} should begin with https:// (http is for hosts in FORWARD_ALLOW_HOSTS)")


def masked(url: str) -> str:
    """A URL as it may be shown: `https://hooks.zapier.com/…a1b2`."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}/…{url[-4:] if len(url) > 40 else ''}"


def is_public(address: str) -> bool:
    """Whether an address belongs to the public internet."""
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)
    if mapped:
        return is_public(str(mapped))
    return found.is_global and not found.is_multicast and not any(found in tunnel for tunnel in TUNNELS)


class GuardedBackend(httpcore.SyncBackend):
    """Resolves a name, refuses private addresses, and connects to the very address it checked."""

    def __init__(self, allowed: Iterable[str]) -> None:
        self.allowed = frozenset(allowed)

    def connect_tcp(self, host: str, port: int, *args: Any, **options: Any) -> httpcore.NetworkStream:
        if f"{host}:{port}" in self.allowed:
            return super().connect_tcp(host, port, *args, **options)
        try:
            found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        public = [address for address in found if is_public(address)]
        if not public:
            raise GiveUp(
                "the URL leads to a private address. If that is meant, add its host:port to FORWARD_ALLOW_HOSTS"
            )
        return super().connect_tcp(public[0], port, *args, **options)


def guarded_transport(allowed: Iterable[str]) -> httpx.HTTPTransport:
    transport = httpx.HTTPTransport(retries=0)
    pool = transport._pool  # httpx has no other way in; 0.28 is pinned for it
    assert isinstance(pool, httpcore.ConnectionPool)  # noqa: S101 - for the type
    pool._network_backend = GuardedBackend(allowed)
    return transport
