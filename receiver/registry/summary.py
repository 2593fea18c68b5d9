"""What is on under one environment, so that another process can compare it with what is on under its own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from .handlers import Activation
from .run import Lane


def summarize(activations: Sequence[Activation]) -> dict[str, str]:
    """Each handler that is not off, with its state and the targets it is for. Holds no secret."""
    return {name_of(activation): state_of(activation) for activation in activations if activation.state != "off"}


def name_of(activation: Activation) -> str:
    return f"{activation.source}/{activation.handler.name}" if activation.source else activation.handler.name


def state_of(activation: Activation) -> str:
    targets = ", ".join(sorted(filter(None, activation.targets))) if activation.state == "on" else ""
    return f"{activation.state} ({targets})" if targets else activation.state


def is_on(stored: str, lane: Lane) -> bool:
    """Whether a lane is among those of another process's `summary`, stored as JSON; none is where it is ""."""
    name = f"{lane.source}/{lane.handler}" if lane.source else lane.handler
    state: str = json.loads(stored or "{}").get(name, "off")
    return state == "on" if not lane.target else state.startswith("on (") and lane.target in state


def differences(stored: str, activations: Sequence[Activation]) -> Iterator[str]:
    """A line for each difference to another process's `summary`, stored as JSON; none where it is ""."""
    if not stored:
        return
    theirs, ours = json.loads(stored), summarize(activations)
    for name in sorted({*theirs, *ours}):
        if theirs.get(name) != ours.get(name):
            yield f"{name} is {theirs.get(name, 'off')} there and {ours.get(name, 'off')} here"
