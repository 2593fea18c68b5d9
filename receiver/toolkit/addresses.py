"""Which URLs may be used, which addresses are public, and how much of a URL may be shown."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from ..errors import ConfigurationError
from ..locales import Texts
from .deadline import remaining_s

if TYPE_CHECKING:
    import httpx

# IPv6's public addresses; outside it are loopback, private, link- and site-local, multicast, NAT64, and all those
# that hold an IPv4 address in some way, many of which say is_global in Python.
PUBLIC = ipaddress.ip_network("2000::/3")
# These lie in it, or are IPv4 and say is_global, and lead elsewhere: 6to4 and its relays, Teredo, documentation.
EXCEPT = [ipaddress.ip_network(n) for n in ("2002::/16", "2001::/32", "3fff::/20", "192.88.99.0/24")]
# fmt: off
TEXTS = Texts({
    "example":  ("{variable} still has the … of an example in it: put your own URL there",
                 "{variable} todavía lleva el … de un ejemplo: pon ahí tu propia URL"),
    "no_url":   ("{variable} is not a URL that can be used: copy it again",
                 "{variable} no es una URL que se pueda usar: cópiala otra vez"),
    "password": ("{variable} has a user name or a password in its URL: leave that out",
                 "{variable} lleva un usuario o una contraseña en su URL: quítalo"),
    "https":    ("{variable} should begin with https:// (http is for a host:port that stands in FORWARD_ALLOW_HOSTS)",
                 "{variable} debe empezar por https:// (http es para un host:port que esté en FORWARD_ALLOW_HOSTS)"),
    "no_host":  ("{variable} has no usable host and port in its URL: copy it again",
                 "la URL de {variable} no tiene un host y un puerto que se puedan usar: cópiala otra vez"),
})
# fmt: on


def is_public(address: str) -> bool:
    """Whether an address belongs to the public internet."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if ip.version == 6 and ip.ipv4_mapped:
        return is_public(str(ip.ipv4_mapped))
    if ip.version == 6 and ip not in PUBLIC:
        return False
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in EXCEPT)


def stays_private(host: str) -> bool:
    """Whether a host that leads to a private address always will: a number, however it is written, and localhost."""
    last = host.lower().rstrip(".").rpartition(".")[2]
    return ":" in host or last == "localhost" or last[:1].isdigit()


def is_private_host(host: str) -> bool:
    """Whether it is localhost, or a private address in whatever notation. No name is looked up."""
    if host.lower().rstrip(".").rpartition(".")[2] == "localhost":
        return True
    try:
        return not is_public(str(socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)[0][4][0]))
    except (OSError, UnicodeError):
        return False


def allowed_hosts(text: str) -> frozenset[str]:
    """The `host:port`s in a text such as FORWARD_ALLOW_HOSTS, for `allowed`; IPv6 addresses lose their brackets."""
    return frozenset(text.lower().replace("[", "").replace("]", "").replace(",", " ").split())


def check_url(url: str, variable: str, allowed: Collection[str] = ()) -> None:
    """Raise ConfigurationError where no delivery may go to this URL. The message does not hold it: it may be a secret.

    It has to be https, or http where its host:port is among the `allowed`.
    """
    import httpx

    if "…" in url:
        raise ConfigurationError(TEXTS("example", variable=variable))
    try:
        parts = httpx.URL(url)
    except (httpx.InvalidURL, ValueError) as error:
        raise ConfigurationError(TEXTS("no_url", variable=variable)) from error
    port = (443 if parts.scheme == "https" else 80) if parts.port is None else parts.port
    if parts.userinfo:
        raise ConfigurationError(TEXTS("password", variable=variable))
    if parts.scheme != "https" and not (parts.scheme == "http" and host_and_port(parts, port) in allowed):
        raise ConfigurationError(TEXTS("https", variable=variable))
    if not parts.host or "%" in parts.host or not 0 < port < 65536:
        raise ConfigurationError(TEXTS("no_host", variable=variable))


def host_and_port(parts: httpx.URL, port: int) -> str:
    return f"{parts.raw_host.decode().lower()}:{port}"


def masked(url: str) -> str:
    """A URL as it may be shown: its scheme, its host, and its end where that gives little of it away."""
    import httpx

    try:
        parts = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        return "…"
    path = parts.raw_path.decode(errors="replace")
    return f"{parts.scheme}://{parts.netloc.decode()}/…{path[-4:] if len(path) > 12 else ''}"


def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, or of a number however it is written. Raises httpcore's errors, in time."""
    import httpcore

    addresses: list[str] = []
    failures: list[OSError] = []

    def look_up() -> None:
        try:
            addresses.extend(str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except OSError as error:
            failures.append(error)
        except UnicodeError:
            failures.append(OSError("no name that can be looked up"))

    # In a thread, as getaddrinfo has no time-out of its own.
    thread = threading.Thread(target=look_up, daemon=True, name="resolve")
    thread.start()
    thread.join(remaining_s(None, httpcore.ConnectTimeout))
    try:
        for failure in failures:
            raise failure
    except OSError as error:  # httpcore's pool drops an error's cause and keeps its context, which says "dns"
        raise httpcore.ConnectError(str(error)) from error
    if not addresses:
        raise httpcore.ConnectTimeout("the name was not found in time")
    return addresses
