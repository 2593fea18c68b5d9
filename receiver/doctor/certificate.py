"""The public address's certificate: whether everybody trusts it, for this name, and for how many days still."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator

import httpx

from ..operations import Finding, advice, fine, problem

CONNECT_S = 5
DAY_S = 86_400
FEW_DAYS = 7  # whoever renews it by hand needs some of these
SOON_DAYS = 21  # Let's Encrypt's are renewed 30 days before their end: by then one that renews itself has been
RENEW = "renew it, or let the platform or Caddy do so (certbot renew)"
UNKNOWN = 0  # none of OpenSSL's numbers
WORDS = {  # OpenSSL's numbers for why it trusts no certificate
    9: ("is not valid yet", "set this machine's clock, or the one that made it"),
    10: ("has expired", RENEW),
    18: ("is self-signed: nobody vouches for it", "get one from Let's Encrypt: Caddy does so by itself"),
    19: ("is signed by an authority of somebody's own", "get one from Let's Encrypt: Caddy does so by itself"),
    20: ("is served without the intermediate one", "serve the full chain (certbot's fullchain.pem)"),
    21: ("is served without the intermediate one", "serve the full chain (certbot's fullchain.pem)"),
    62: ("is for another name", "get one for the name in the address"),
    64: ("is for another address", "give a name rather than a number, and a certificate for it"),
}


def check_certificate(url: str, context: ssl.SSLContext | None = None) -> Iterator[Finding]:
    """Nothing is said where nobody answers, as the request finds that, or where no certificate is needed."""
    parts = httpx.URL(url)
    if parts.scheme != "https":
        return
    try:
        ends_s = ends(parts.host, parts.port or 443, context or httpx.create_ssl_context())
    except ssl.SSLCertVerificationError as error:
        yield invalid(error.verify_code)
        return
    except OSError:
        return
    days = int((ends_s - time.time()) // DAY_S)
    message = f"its certificate is valid for {days} days more"
    why = "InboundFlow sends nothing once it has expired"
    if days < FEW_DAYS:
        yield problem("certificate", message, why=why, do=RENEW)
    elif days < SOON_DAYS:
        yield advice("certificate", message, why=why, do=f"see that it is renewed by itself, else {RENEW}")
    else:
        yield fine("certificate", message)


def ends(host: str, port: int, context: ssl.SSLContext) -> float:
    with (
        socket.create_connection((host, port), timeout=CONNECT_S) as connection,
        context.wrap_socket(connection, server_hostname=host) as safe,
    ):
        certificate = safe.getpeercert() or {}
    return ssl.cert_time_to_seconds(str(certificate["notAfter"]))


def invalid(code: int) -> Finding:
    message, do = WORDS.get(code, ("is not trusted", "get one from Let's Encrypt: Caddy does so by itself"))
    return problem("certificate", f"its certificate {message}", why="InboundFlow sends nothing there", do=do)
