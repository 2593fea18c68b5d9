"""The order in which a delivery is trusted: raw bytes first, then what JavaScript would have signed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from werkzeug.datastructures import Headers

from ..errors import RejectedRequest, SignatureMismatch, TimestampInFuture, TimestampTooOld
from ..events import Delivery
from .budget import Budget
from .encoding import decoded
from .javascript import NotReserialisable, reserialise
from .reading import delivery_in
from .signature import Signature

RESERIALISED_BYTES = 256 * 1024  # documented payloads are a few KiB; parsing a large one costs what it weighs


@dataclass(frozen=True, kw_only=True)
class Signed:
    """The bytes that the signature is over, and how they were found in what was received."""

    body: bytes
    problems: tuple[str, ...] = ()


class Verifier:
    """Reads deliveries. `secrets` are tried all, always; without any, everything is taken (and marked unsigned)."""

    def __init__(
        self,
        *,
        secrets: Sequence[bytes],
        tolerance_s: int = 300,
        strict_bytes: bool = False,
        max_body_bytes: int = 1024 * 1024,
        now: Callable[[], float] = time.time,
        budget: Budget | None = None,
    ) -> None:
        self.secrets = tuple(secrets)
        self.tolerance_s = tolerance_s
        self.strict_bytes = strict_bytes
        self.max_body_bytes = max_body_bytes
        self.now = now
        self.budget = budget or Budget()

    def read(self, headers: Headers, body: bytes) -> Delivery:
        """The authentic delivery, whatever is in it; `stale` where it is authentic only if it is known already.

        Raises a RejectedRequest, and nothing else, where it is not authentic.
        """
        received_us = int(self.now() * 1e6)
        if not self.secrets:
            return delivery_in(headers, body, self.plain(headers, body, ("unsigned",)).body, ("unsigned",), received_us)
        signature = Signature.read(headers)
        stale = self.staleness(signature)
        signed = self.signed_bytes(headers, body, signature, fresh=stale is None)
        return delivery_in(headers, body, signed.body, signed.problems, received_us, stale)

    def staleness(self, signature: Signature) -> RejectedRequest | None:
        """Why the timestamp is out of tolerance, or None. Exactly at the tolerance is within it."""
        age_s = int(self.now()) - signature.unix_s
        if age_s > self.tolerance_s:
            return TimestampTooOld()
        return TimestampInFuture() if -age_s > self.tolerance_s else None

    def signed_bytes(self, headers: Headers, body: bytes, signature: Signature, *, fresh: bool) -> Signed:
        if signature.covers(body, self.secrets):
            return self.plain(headers, body)
        inflated = decoded(headers, body, self.max_body_bytes)
        if inflated is not None and signature.covers(inflated, self.secrets):
            return Signed(body=inflated, problems=("content-encoding",))
        if fresh and not self.strict_bytes:
            return self.reserialised(body if inflated is None else inflated, signature)
        raise SignatureMismatch

    def plain(self, headers: Headers, body: bytes, problems: tuple[str, ...] = ()) -> Signed:
        """The bytes as received, unpacked where they are packed."""
        inflated = decoded(headers, body, self.max_body_bytes)
        return Signed(body=body if inflated is None else inflated, problems=problems)

    def reserialised(self, body: bytes, signature: Signature) -> Signed:
        """What the sender's own verifier would compare. Only mismatches cost budget, so forgers pay for forgers."""
        if len(body) > RESERIALISED_BYTES or not self.budget.allows(len(body)):
            raise SignatureMismatch
        try:
            text = reserialise(body)
        except NotReserialisable:
            text = body
        if text == body or not signature.covers(text, self.secrets):
            self.budget.charge(len(body))
            raise SignatureMismatch
        return Signed(body=text, problems=("reserialised",))
