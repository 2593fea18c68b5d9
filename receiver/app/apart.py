"""What blocks or computes for long is done in native threads, while the loop goes on with other requests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from flask import request

from ..errors import NotStored, StoreUnavailable
from ..events import Delivery
from ..store import Bell, GroupCommit
from ..verify import Verifier
from ..web import remaining_s

Result = TypeVar("Result")

INLINE_BYTES = 8 * 1024  # a delivery is a few KiB; the oddest numbers of this one take the loop 4 ms
CHECKS_S = 3  # after the probe's 4: /readyz answers within 9


def thread(bell: Bell | None) -> GroupCommit:
    """A thread that does one errand after another, each waited for no longer than its caller likes."""
    return GroupCommit(nullcontext, bell=bell)


@dataclass(frozen=True)
class LargeApart:
    """A verifier that reads larger bodies in a thread."""

    verifier: Verifier
    apart: GroupCommit

    def read(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """As the verifier does. Raises NotStored too, where other bodies take too long."""
        if len(body) <= INLINE_BYTES and "Content-Encoding" not in headers:
            return self.verifier.read(headers, body)
        try:
            return self.apart.run_between(partial(self.verifier.read, headers, body), remaining_s(request))
        except StoreUnavailable as error:
            raise NotStored from error


def run_apart(apart: GroupCommit, work: Callable[[], Result], timeout_s: float) -> Result | None:
    """What `work` returns, or None where it did not end in time."""
    try:
        return apart.run_between(work, timeout_s)
    except StoreUnavailable:
        return None


def look_apart(
    apart: GroupCommit, look: Callable[[], Mapping[str, str]], timeout_s: float = CHECKS_S
) -> Mapping[str, str]:
    """What `look` finds degraded, or that it could not be found out in time."""
    try:
        return apart.run_between(look, timeout_s)
    except StoreUnavailable:
        return {"checks": f"The checks of /readyz did not end within {timeout_s:g} s."}
