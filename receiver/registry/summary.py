"""What is on under one environment, so that another process can compare it with what is on under its own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from .handlers import Activation


def summary(activations: Sequence[Activation]) -> dict[str, str]:
    """Each handler that is not off, with its state and the targets it is for. Holds no secret."""
    return {one.handler.name: shown(one) for one in activations if one.state != "off"}


def shown(one: Activation) -> str:
    targets = ", ".join(sorted(filter(None, one.targets))) if one.state == "on" else ""
    return f"{one.state} ({targets})" if targets else one.state


def differences(there: str, activations: Sequence[Activation]) -> Iterator[str]:
    """What differs from another process's `summary`, which is there as JSON, or "" where it is not known."""
    if not there:
        return
    theirs, ours = json.loads(there), summary(activations)
    for name in sorted({*theirs, *ours}):
        if theirs.get(name) != ours.get(name):
            yield f"{name} is {theirs.get(name, 'off')} there and {ours.get(name, 'off')} here"
