"""The two headers of a signature: InboundFlow signs `<timestamp>.<body>` with HMAC-SHA256."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..errors import SignatureMissing, TimestampMissing

SIGNATURE_HEADERS = SIGNED_WITH, SIGNED_AT = "X-InboundFlow-Signature", "X-InboundFlow-Timestamp"
# A header sent twice arrives joined by a comma, as WSGI has it, and matches neither.
SIGNATURE = re.compile(r"sha256=([0-9a-f]{64})", re.ASCII)
UNIX_SECONDS = re.compile(r"[0-9]{1,11}", re.ASCII)  # 12 and more are milliseconds, or nonsense


@dataclass(frozen=True)
class Signature:
    timestamp: bytes  # as received: it is what was signed
    digest: str

    @property
    def unix_s(self) -> int:
        return int(self.timestamp)

    @classmethod
    def read(cls, headers: Mapping[str, str]) -> Signature:
        """Raises SignatureMissing or TimestampMissing, also where a header has another form."""
        signature = SIGNATURE.fullmatch(headers.get(SIGNED_WITH, ""))
        if not signature:
            raise SignatureMissing
        timestamp = headers.get(SIGNED_AT, "")
        if not UNIX_SECONDS.fullmatch(timestamp):
            raise TimestampMissing
        return cls(timestamp.encode(), signature[1])

    def covers(self, body: bytes, secrets: Sequence[bytes]) -> bool:
        """Whether one of the secrets signed this body. Takes the same time wherever they differ."""
        message = self.timestamp + b"." + body
        digests = [hmac.new(secret, message, hashlib.sha256).hexdigest() for secret in secrets]
        return any([hmac.compare_digest(digest, self.digest) for digest in digests])  # a list: none is spared
