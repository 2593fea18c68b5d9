"""The order in which a delivery is trusted: the bytes as they came, unpacked, and as JavaScript would write them."""

from __future__ import annotations

import contextlib
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ..errors import RejectedRequest, SignatureMismatch, TimestampInFuture, TimestampTooOld
from ..events import Delivery
from ..sources import Source
from .budget import Budget
from .javascript import NotReserialisable, reserialise
from .reading import KEPT_HEADERS, delivery_in
from .signature import SIGNATURE_HEADERS, Signature

RESERIALISED_BYTES = 256 * 1024  # documented payloads are a few KiB; parsing a large one costs what it weighs
HEADERS = frozenset((*SIGNATURE_HEADERS, *KEPT_HEADERS, "Content-Encoding"))  # all that is looked at
GZIP_OR_ZLIB = 47  # zlib's window bits for "either of the two, by its header"


class Candidate(NamedTuple):
    signed: bytes  # what the signature may be over
    text: bytes  # what is kept if it is
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verifier:
    """Reads the deliveries of a source. All its secrets are tried, always; without any, everything is taken.

    `budget` bounds what forged bodies cost: give the same one to all verifiers of a process.
    """

    source: Source
    strict_bytes: bool = False
    max_body_bytes: int = 1024 * 1024
    now: Callable[[], float] = time.time
    budget: Budget = field(default_factory=Budget)

    def read(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """The authentic delivery, whatever is in it; `stale` where it is authentic only if it is kept already.

        Raises a RejectedRequest, and nothing else, where it is not authentic.
        """
        received_us = int(self.now() * 1e6)
        signature = Signature.read(headers) if self.source.secrets else None
        stale = self.staleness(signature) if signature else None
        for signed, text, problems in self.candidates(headers, body, fresh=stale is None):
            if signature is None or signature.covers(signed, self.source.secrets):
                original = body if body != text else None
                return delivery_in(
                    text, headers, problems if signature else ("unsigned",),
                    source=self.source.name, received_us=received_us, received_body=original, stale=stale,
                )  # fmt: skip
        raise SignatureMismatch

    def staleness(self, signature: Signature) -> RejectedRequest | None:
        """Why the timestamp is out of tolerance, or None. Exactly at the tolerance is within it."""
        age_s = int(self.now()) - signature.unix_s
        if age_s > self.source.tolerance_s:
            return TimestampTooOld()
        return TimestampInFuture() if -age_s > self.source.tolerance_s else None

    def candidates(self, headers: Mapping[str, str], body: bytes, *, fresh: bool) -> Iterator[Candidate]:
        """Each only when the one before it was refused: a later one is never even made for what is authentic.

        The last is what the sender's own documentation verifies: the body parsed and written again by JavaScript,
        for where something on the way has written it differently. Anybody may make us do that work, so it is bounded
        by size and by a budget. The last line is reached only where nothing matched: mismatches cost, matches never.
        """
        unpacked = decompressed(headers, body, self.max_body_bytes)
        text = body if unpacked is None else unpacked
        yield Candidate(body, text)
        if unpacked is not None:
            yield Candidate(text, text, ("content-encoding",))
        if not fresh or self.strict_bytes or len(text) > RESERIALISED_BYTES or not self.budget.allows(len(text)):
            return
        with contextlib.suppress(NotReserialisable):
            rewritten = reserialise(text)
            if rewritten != text:
                yield Candidate(rewritten, rewritten, ("reserialised",))
        self.budget.charge(len(text))


def decompressed(headers: Mapping[str, str], body: bytes, limit: int) -> bytes | None:
    """The unpacked body; None where it is not packed, or not in a way we know, or larger than `limit` bytes."""
    if headers.get("Content-Encoding", "").strip().lower() not in ("gzip", "x-gzip", "deflate"):
        return None
    inflater = zlib.decompressobj(GZIP_OR_ZLIB)
    try:
        text = inflater.decompress(body, limit + 1)
    except zlib.error:
        return None
    return text if inflater.eof and len(text) <= limit and not inflater.unused_data else None
