"""Making at a destination what its handler needs there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..errors import HandlerNotOn, UnknownHandler
from ..locales import Texts
from ..registry import Activation
from .routes import state_of
from .similar import did_you_mean

# fmt: off
TEXTS = Texts({
    "unknown": ("{name} is no destination with something to set up.{meant} There are: {names}.",
                "{name} no es un destino que haya que preparar.{meant} Hay: {names}."),
    "none":    ("none", "ninguno"),
    "off":     ("{name} is {state}: {why}, then run this again.", "{name} está {state}: {why}, y repite el comando."),
})
# fmt: on


def to_be_set_up(activations: Sequence[Activation], name: str) -> Activation:
    """The destination of this name. Raises UnknownHandler where it has nothing to set up, HandlerNotOn."""
    able = {activation.handler.module: activation for activation in activations if activation.handler.setup}
    if name not in able:
        names = ", ".join(sorted(able)) or TEXTS("none")
        raise UnknownHandler(TEXTS("unknown", name=name, meant=did_you_mean(name, able), names=names))
    if able[name].state != "on":
        raise HandlerNotOn(TEXTS("off", name=name, state=state_of(able[name]), why=able[name].why))
    return able[name]


def set_up(activation: Activation) -> Iterator[str]:
    """A line for each thing that was done, at each of its targets. Raises HandlerError where one refuses."""
    if activation.handler.setup:
        for settings in activation.targets.values():
            yield from activation.handler.setup(settings)
