"""Trouble between the signing and the wire: forgeries, clocks, framing, and broken connections."""

from __future__ import annotations

import gzip
import hashlib
import hmac
import random
from dataclasses import replace

from ..wire import Headers, Request
from .kinds import Draft, Trouble, header, with_header

SIGNATURE, TIMESTAMP = "X-InboundFlow-Signature", "X-InboundFlow-Timestamp"
OLD_S = 3600  # beyond what any receiver should tolerate
OTHER_ID = "00000000-0000-4000-8000-000000000000"
DRIFT_S = 60  # within what every receiver should
SLOW_S = 2.0  # for the whole body, piece by piece


def stamped(name: str, says: str, seconds: int, *, authentic: bool) -> Trouble:
    """Rightly signed, by a clock that goes wrong by so much."""
    return Trouble(
        name=name, says=says, authentic=authentic, draft=lambda _, was: replace(was, timestamp=was.now + seconds)
    )


def signed_as(name: str, says: str, value: str | None) -> Trouble:
    return Trouble(name=name, says=says, authentic=False, request=lambda _, was: with_header(was, SIGNATURE, value))


def altered_body(rng: random.Random, was: Request) -> Request:
    position = rng.randrange(len(was.body))
    return replace(was, body=was.body[:position] + bytes([was.body[position] ^ 1]) + was.body[position + 1 :])


def altered_timestamp(_: random.Random, was: Request) -> Request:
    return with_header(was, TIMESTAMP, str(int(header(was, TIMESTAMP)) + 1))


def truncated(_: random.Random, was: Request) -> Request:
    return with_header(was, SIGNATURE, header(was, SIGNATURE)[: len("sha256=") + 8])


def other_secret(_: random.Random, was: Draft) -> Draft:
    return replace(was, secret="not-" + (was.secret or "the-secret"))


def previous_secret(_: random.Random, was: Draft) -> Draft:
    return replace(was, secret=was.previous_secret or was.secret)


def body_only(_: random.Random, was: Draft) -> Draft:
    """Sign the body alone, as home-made senders do. A receiver must refuse it: it could be replayed for ever."""
    secret = (was.secret or "").encode()
    return replace(was, signature="sha256=" + hmac.new(secret, was.payload.body, hashlib.sha256).hexdigest())


def milliseconds(_: random.Random, was: Draft) -> Draft:
    return replace(was, stamp=str(was.now * 1000))


def gzipped(_: random.Random, was: Draft) -> Draft:
    return was.with_body(gzip.compress(was.payload.body, mtime=0))


def cased(names: Headers, how: str) -> Headers:
    if how == "lower":
        return tuple((name.lower(), value) for name, value in names)
    return tuple(("".join(c.upper() if n % 2 else c.lower() for n, c in enumerate(name)), v) for name, v in names)


def slowly(_: random.Random, was: Request) -> Request:
    pieces = 20
    size = max(1, -(-len(was.body) // pieces))
    return replace(was, piece_bytes=size, pause_s=SLOW_S / pieces)


def byte_by_byte(_: random.Random, was: Request) -> Request:
    return replace(was, piece_bytes=1, pause_s=SLOW_S / max(1, len(was.body)))


def cut(rng: random.Random, was: Request) -> Request:
    return replace(was, cut_at=rng.randrange(1, len(was.raw())))


ALL = (
    signed_as("no-signature", "no signature at all", None),
    signed_as("wrong-signature", "a signature of 64 digits that is wrong", "sha256=" + "0" * 64),
    signed_as("empty-signature", "sha256= and nothing behind it", "sha256="),
    Trouble(name="short-signature", says="the first 8 digits of the right signature", authentic=False,
            request=truncated),
    Trouble(name="other-secret", says="signed with another secret", authentic=False, draft=other_secret),
    Trouble(name="previous-secret", says="signed with the secret before the last change", draft=previous_secret),
    Trouble(name="body-only-signature", says="signed without the timestamp", authentic=False, draft=body_only),
    Trouble(name="altered-body", says="one bit of the body changed after signing", authentic=False,
            request=altered_body),
    Trouble(name="altered-timestamp", says="the timestamp header changed by a second after signing", authentic=False,
            request=altered_timestamp),
    stamped("stale", "rightly signed, an hour ago", -OLD_S, authentic=False),
    stamped("future", "rightly signed, an hour ahead", OLD_S, authentic=False),
    stamped("drift-behind", "by a clock that is a minute behind", -DRIFT_S, authentic=True),
    stamped("drift-ahead", "by a clock that is half a minute ahead", DRIFT_S // 2, authentic=True),
    Trouble(name="milliseconds", says="a timestamp in milliseconds, signed so", authentic=False, draft=milliseconds),
    Trouble(name="text-timestamp", says="a timestamp that is no number, signed so", authentic=False,
            draft=lambda _, was: replace(was, stamp="yesterday")),
    Trouble(name="no-timestamp", says="no timestamp header", authentic=False,
            request=lambda _, was: with_header(was, TIMESTAMP, None)),
    Trouble(name="other-id-header", says="X-InboundFlow-Delivery-Id differs from the signed body's",
            request=lambda _, was: with_header(was, "X-InboundFlow-Delivery-Id", OTHER_ID)),
    Trouble(name="other-event-header", says="X-InboundFlow-Event differs from the signed body's",
            request=lambda _, was: with_header(was, "X-InboundFlow-Event", "lead.created")),
    Trouble(name="lower-case-headers", says="header names in lower case",
            request=lambda _, was: replace(was, headers=cased(was.headers, "lower"))),
    Trouble(name="mixed-case-headers", says="header names in odd case",
            request=lambda _, was: replace(was, headers=cased(was.headers, "mixed"))),
    Trouble(name="gzip", says="the body compressed, and signed so", draft=gzipped,
            request=lambda _, was: with_header(was, "Content-Encoding", "gzip")),
    Trouble(name="chunked", says="Transfer-Encoding: chunked, in chunks of 100 bytes",
            request=lambda _, was: replace(was, chunk_bytes=100)),
    Trouble(name="slow", says="the body in 20 pieces over 2 seconds", request=slowly),
    Trouble(name="byte-by-byte", says="the body one byte at a time, over 2 seconds or so", request=byte_by_byte),
    Trouble(name="cut", says="the connection is cut at some byte", authentic=False, request=cut),
)  # fmt: skip
