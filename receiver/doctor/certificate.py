"""The public address's certificate: whether everybody trusts it, for this name, and for how many days still."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator

import httpx

from ..locales import Texts
from ..operations import Finding, advice, fine, problem

CONNECT_S = 5
DAY_S = 86_400
FEW_DAYS = 7  # whoever renews it by hand needs some of these
SOON_DAYS = 21  # Let's Encrypt's are renewed 30 days before their end: by then one that renews itself has been
UNKNOWN = 0  # none of OpenSSL's numbers
# fmt: off
TEXTS = Texts({
    "valid":  ("its certificate is valid for {days:day|days} more", "su certificado vale {days:día|días} más"),
    "why":    ("InboundFlow sends nothing once it has expired", "InboundFlow no envía nada cuando ha caducado"),
    "renew":  ("renew it, or let the platform or Caddy do so (certbot renew)",
               "renuévalo, o deja que lo haga la plataforma o Caddy (certbot renew)"),
    "soon":   ("see that it is renewed by itself, else {renew}", "comprueba que se renueva solo; si no, {renew}"),
    "bad":    ("its certificate {problem}", "su certificado {problem}"),
    "no":     ("InboundFlow sends nothing there", "InboundFlow no envía nada allí"),
    "early":       ("is not valid yet", "todavía no es válido"),
    "early_do":    ("set this machine's clock, or the one that made it",
                    "ajusta el reloj de este equipo, o el del que lo hizo"),
    "expired":     ("has expired", "ha caducado"),
    "self":        ("is self-signed: nobody vouches for it", "está firmado por sí mismo: nadie responde por él"),
    "own":         ("is signed by an authority of somebody's own", "está firmado por una autoridad particular"),
    "encrypt":     ("get one from Let's Encrypt: Caddy does so by itself",
                    "obtén uno de Let's Encrypt: Caddy lo hace solo"),
    "chain":       ("is served without the intermediate one", "se sirve sin el intermedio"),
    "chain_do":    ("serve the full chain (certbot's fullchain.pem)",
                    "sirve la cadena completa (el fullchain.pem de certbot)"),
    "name":        ("is for another name", "es para otro nombre"),
    "name_do":     ("get one for the name in the address", "obtén uno para el nombre de la dirección"),
    "address":     ("is for another address", "es para otra dirección"),
    "address_do":  ("give a name rather than a number, and a certificate for it",
                    "da un nombre en lugar de un número, y un certificado para él"),
    "untrusted":   ("is not trusted", "no es de confianza"),
})
# fmt: on
WORDS = {  # OpenSSL's numbers for why it trusts no certificate: what is wrong, and what to do
    9: ("early", "early_do"),
    10: ("expired", "renew"),
    18: ("self", "encrypt"),
    19: ("own", "encrypt"),
    20: ("chain", "chain_do"),
    21: ("chain", "chain_do"),
    62: ("name", "name_do"),
    64: ("address", "address_do"),
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
    message, why, renew = TEXTS("valid", days=days), TEXTS("why"), TEXTS("renew")
    if days < FEW_DAYS:
        yield problem("certificate", message, why=why, do=renew)
    elif days < SOON_DAYS:
        yield advice("certificate", message, why=why, do=TEXTS("soon", renew=renew))
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
    message, do = WORDS.get(code, ("untrusted", "encrypt"))
    return problem("certificate", TEXTS("bad", problem=TEXTS(message)), why=TEXTS("no"), do=TEXTS(do))
