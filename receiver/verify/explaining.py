"""Why a signature does not match: the classic mistakes, tried one after another on a refused request.

For the operator, and away from the request: the sender is told none of it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .rewritings import rewritings
from .signature import UNIX_SECONDS
from .verifier import decompressed

LONGEST_BODY = 64 * 1024  # the bound of what one explanation costs: about a hundred digests of this
BLANKS = ("\n", "\r\n", " ", "\t", "\r", "\u00a0", "\u200b", "\ufeff")  # what copying leaves around a secret
QUOTES = ('""', "''", "``", "“”", "‘’", "«»")
HEX = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)
MILLISECONDS = re.compile(r"[0-9]{12,14}", re.ASCII)

TEXTS = {
    "right": {
        "en": "its signature is right with the secret that is set now: `receiver recheck` takes it in",
        "es": "su firma es correcta con el secreto de ahora: `receiver recheck` la recupera",
    },
    "previous-secret": {
        "en": "it is signed with the secret in INBOUNDFLOW_SIGNING_SECRET_PREVIOUS: `receiver recheck` takes it in",
        "es": "está firmada con el secreto de INBOUNDFLOW_SIGNING_SECRET_PREVIOUS: `receiver recheck` la recupera",
    },
    "old-secret": {
        "en": "it is signed with the secret in DATA_DIR/signing_secret, and INBOUNDFLOW_SIGNING_SECRET holds another: "
        "give InboundFlow that one, or set the old one in INBOUNDFLOW_SIGNING_SECRET_PREVIOUS",
        "es": "está firmada con el secreto de DATA_DIR/signing_secret, e INBOUNDFLOW_SIGNING_SECRET tiene otro: pon "
        "ese en InboundFlow, o el antiguo en INBOUNDFLOW_SIGNING_SECRET_PREVIOUS",
    },
    "secret-whitespace": {
        "en": "the secret has a space or a line end in InboundFlow that it has not here, or the other way round: "
        "copy it again, without any",
        "es": "el secreto tiene en InboundFlow un espacio o salto de línea que aquí no tiene, o al revés: "
        "cópialo de nuevo, sin ninguno",
    },
    "secret-quotes": {
        "en": "the secret has quotation marks around it on one of the two sides: remove them",
        "es": "el secreto tiene comillas alrededor en uno de los dos lados: quítalas",
    },
    "body-reformatted": {
        "en": "a proxy writes the body again with other white space or signs: let it pass the body unchanged",
        "es": "un proxy reescribe el cuerpo con otros espacios o signos: haz que lo pase sin cambios",
    },
    "body-reordered": {
        "en": "a proxy writes the body again with its fields in another order: let it pass the body unchanged",
        "es": "un proxy reescribe el cuerpo con los campos en otro orden: haz que lo pase sin cambios",
    },
    "body-escaped": {
        "en": "a proxy writes the body's letters with other escapes (\\u00e9): let it pass the body unchanged",
        "es": "un proxy escribe las letras del cuerpo con otros escapes (\\u00e9): haz que lo pase sin cambios",
    },
    "body-trimmed": {
        "en": "a proxy adds white space or line ends to the body: let it pass the body unchanged",
        "es": "un proxy agrega espacios o saltos de línea al cuerpo: haz que lo pase sin cambios",
    },
    "timestamp-milliseconds": {
        "en": "its timestamp is in milliseconds, where InboundFlow documents seconds",
        "es": "su marca de tiempo está en milisegundos, e InboundFlow documenta segundos",
    },
    "base64": {
        "en": "its signature is in base64, where InboundFlow documents hex",
        "es": "su firma está en base64, e InboundFlow documenta hexadecimal",
    },
    "upper-case": {
        "en": "its signature is in upper case, where InboundFlow documents lower case",
        "es": "su firma está en mayúsculas, e InboundFlow documenta minúsculas",
    },
    "no-prefix": {
        "en": "its signature lacks the sha256= before it: something on the way removes it",
        "es": "a su firma le falta sha256= al principio: algo en el camino lo quita",
    },
    "body-only": {
        "en": "the body alone is signed, without the timestamp, where InboundFlow documents both",
        "es": "solo está firmado el cuerpo, sin la marca de tiempo, e InboundFlow documenta ambos",
    },
    "clock": {
        "en": "its timestamp and this server's clock were {seconds} s apart: check this server's clock (timedatectl)",
        "es": "su marca de tiempo y el reloj de este servidor distaban {seconds} s: revisa el reloj (timedatectl)",
    },
}


@dataclass(frozen=True)
class Mistake:
    slug: str
    seconds: int = 0  # how far the timestamp lay ahead of this machine's clock, or behind it (negative)

    def __str__(self) -> str:
        return self.describe()

    def describe(self, language: str = "en") -> str:
        texts = TEXTS[self.slug]
        return texts.get(language, texts["en"]).format(seconds=abs(self.seconds))


def mistakes(
    headers: Mapping[str, str],
    body: bytes,
    received_us: int,
    *,
    secrets: Sequence[bytes],
    tolerance_s: int,
    old_secrets: Sequence[bytes] = (),
) -> tuple[Mistake, ...]:
    """The mistakes that together explain the signature; none where nothing does, as of a stranger's request."""
    form, digest = digest_in(headers.get("X-InboundFlow-Signature", "").strip())
    timestamp = headers.get("X-InboundFlow-Timestamp", "")
    if not digest or len(body) > LONGEST_BODY:
        return ()
    unpacked = decompressed(headers, body, LONGEST_BODY)
    for text in (body,) if unpacked is None else (body, unpacked):
        for slug, key, message in attempts(timestamp, text, secrets, old_secrets):
            if hmac.digest(key, message, "sha256") == digest:
                slugs = (form, in_milliseconds(timestamp), "" if slug == "right" else slug)
                clock = clock_mistake(timestamp, received_us, tolerance_s)
                return (*map(Mistake, dict.fromkeys(filter(None, slugs))), *clock) or (Mistake("right"),)
    return ()


def digest_in(signature: str) -> tuple[str, bytes]:
    """What is odd about its form, and the digest; empty where there is none in it."""
    text = signature.removeprefix("sha256=")
    if HEX.fullmatch(text):
        form = "no-prefix" if text == signature else "" if text == text.lower() else "upper-case"
        return form, bytes.fromhex(text)
    try:
        digest = base64.b64decode(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return "", b""
    return "base64", digest if len(digest) == hashlib.sha256().digest_size else b""


def attempts(
    timestamp: str, body: bytes, secrets: Sequence[bytes], old_secrets: Sequence[bytes]
) -> Iterator[tuple[str, bytes, bytes]]:
    """A mistake, and the key and the message that a signature with it has."""
    plain = f"{timestamp}.".encode() + body
    keys = ["right", *["previous-secret"] * len(secrets)]
    yield from ((slug, secret, plain) for slug, secret in zip(keys, secrets, strict=False))
    yield from (("old-secret", secret, plain) for secret in old_secrets)
    for secret in secrets:
        yield from ((slug, key, plain) for slug, key in miscopied(secret))
        yield "body-only", secret, body
        for other in (f"{timestamp}000", timestamp[:-3]):
            yield "timestamp-milliseconds", secret, f"{other}.".encode() + body
        yield from ((slug, secret, f"{timestamp}.".encode() + text) for slug, text in rewritings(body))


def miscopied(secret: bytes) -> Iterator[tuple[str, bytes]]:
    text = secret.decode(errors="replace")
    for blank in BLANKS:
        yield from (("secret-whitespace", key.encode()) for key in (text + blank, blank + text, blank + text + blank))
    yield "secret-whitespace", "".join(text.split()).encode()
    for opening, closing in map(tuple, QUOTES):
        yield "secret-quotes", f"{opening}{text}{closing}".encode()
        yield "secret-quotes", text.removeprefix(opening).removesuffix(closing).encode()


def in_milliseconds(timestamp: str) -> str:
    return "timestamp-milliseconds" if MILLISECONDS.fullmatch(timestamp) else ""


def clock_mistake(timestamp: str, received_us: int, tolerance_s: int) -> tuple[Mistake, ...]:
    unix_s = timestamp[:-3] if in_milliseconds(timestamp) else timestamp
    if not UNIX_SECONDS.fullmatch(unix_s):
        return ()
    ahead_s = int(unix_s) - received_us // 1_000_000
    return (Mistake("clock", ahead_s),) if abs(ahead_s) > tolerance_s else ()
