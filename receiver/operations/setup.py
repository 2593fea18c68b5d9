"""Making at a destination what its handler needs there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..errors import HandlerNotOn, UnknownHandler
from ..registry import Activation


def to_be_set_up(activations: Sequence[Activation], name: str) -> Activation:
    """The destination of this name. Raises UnknownHandler where it has nothing to set up, HandlerNotOn."""
    able = {activation.handler.module: activation for activation in activations if activation.handler.setup}
    if name not in able:
        names = ", ".join(sorted(able)) or "none"
        raise UnknownHandler(f"{name} is no destination with something to set up. There are: {names}.")
    if able[name].state != "on":
        raise HandlerNotOn(f"{name} is {able[name].state}: {able[name].why}, then run this again.")
    return able[name]


def set_up(activation: Activation) -> Iterator[str]:
    """A line for each thing that was done, at each of its targets. Raises HandlerError where one refuses."""
    if activation.handler.setup:
        for settings in activation.targets.values():
            yield from activation.handler.setup(settings)
