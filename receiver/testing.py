"""The third tier: what the test of a handler needs. Nothing of it is used while the receiver works."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from .errors import ConfigurationError, RetryLater
from .events import Delivery, Event, read_event
from .registry import Earlier, Run, registered

__all__ = ["a_run", "carry", "event_in", "settings_of"]

Function = Callable[[Event, Run], str]
ATTEMPTS = 5  # a destination that refuses longer than that is not on a bad day


def settings_of(function: Function, env: Mapping[str, str]) -> Mapping[str, str]:
    """What `run.settings` holds under these variables, at the first target. Raises ConfigurationError."""
    activation = registered(function).activate(env)
    if activation.state not in ("on", "fallback"):
        raise ConfigurationError(f"{activation.handler.name} is {activation.state}: {activation.why}")
    return next(iter(activation.targets.values()))


def event_in(body: bytes) -> Event:
    """The event that the signed bytes of a delivery hold."""
    return read_event(delivery_of(body))


def delivery_of(body: bytes) -> Delivery:
    envelope = json.loads(body)
    return Delivery(
        key=envelope["delivery_id"],
        event=envelope["event"],
        body=body,
        call_id=envelope["data"].get("call_id"),
        received_us=time.time_ns() // 1000,
    )


def lease_held() -> None:
    """No other worker has the run."""


def a_run(
    body: bytes,
    settings: Mapping[str, str],
    *,
    earlier: Sequence[Earlier] = (),
    attempt: int = 1,
    check_lease: Callable[[], None] = lease_held,
) -> Run:
    """The run that the worker would give to a handler for this delivery. After the first attempt it is unsure."""
    return Run(
        id=1,
        handler="handler.in_a_test",
        attempt=attempt,
        failures=attempt - 1,
        unsure=attempt > 1,
        settings=settings,
        delivery=delivery_of(body),
        check_lease=check_lease,
        earlier=lambda: earlier,
    )


def carry(
    function: Function, bodies: Iterable[bytes], settings: Mapping[str, str], *, twice: bool = False
) -> list[str]:
    """The outcomes of these deliveries of one call, one after the other, as the worker brings them.

    What raises RetryLater is tried again at once, a few times. With `twice` each is made again after it has succeeded,
    as after a crash in between. Raises what the handler raises.
    """
    done: list[Earlier] = []
    for body in bodies:
        first = until_done(function, body, settings, done, attempt=1)
        outcome = until_done(function, body, settings, done, attempt=ATTEMPTS) if twice else first
        done.append(Earlier(event=event_in(body), outcome=outcome, received_us=delivery_of(body).received_us))
    return [earlier.outcome for earlier in done]


def until_done(
    function: Function, body: bytes, settings: Mapping[str, str], done: Sequence[Earlier], attempt: int
) -> str:
    for number in itertools.count(attempt):
        try:
            return function(event_in(body), a_run(body, settings, earlier=done, attempt=number))
        except RetryLater:
            if number >= attempt + ATTEMPTS - 1:
                raise
    raise AssertionError("count has no end")
