"""Says in the demo's terminal what the demo refuses, as its log goes to a file."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping

from .. import store
from ..errors import SignatureMismatch, SignatureMissing, StoreError
from ..operations import refused
from ..settings import Settings
from .story import Stage

LOOK_S = 2.0
OF_SECRET = (SignatureMissing.reason, SignatureMismatch.reason)


def watch(stage: Stage, settings: Settings) -> None:
    """Look until the process ends."""
    with contextlib.closing(store.connect(settings)) as db:
        known: Mapping[str, int] = {}
        while True:
            time.sleep(LOOK_S)
            with contextlib.suppress(StoreError):  # it is not there yet, or in trouble, which the log tells
                counts = refused(db).by_reason
                for reason in new_reasons(known, counts):
                    say_refused(stage, reason)
                known = counts


def new_reasons(known: Mapping[str, int], counts: Mapping[str, int]) -> Iterator[str]:
    """Those for which more was refused than before."""
    yield from (reason for reason, number in counts.items() if number > known.get(reason, 0))


def say_refused(stage: Stage, reason: str) -> None:
    if reason in OF_SECRET:
        stage.say("refused_secret", reason=reason, secret=stage.secret)
    else:
        stage.say("refused", reason=reason, log=stage.log)
