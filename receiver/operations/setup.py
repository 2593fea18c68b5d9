"""Making at a destination what its handler needs there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..errors import Ambiguous, HandlerNotOn, UnknownHandler
from ..locales import Texts
from ..registry import Activation
from .routes import state_of
from .similar import did_you_mean

# fmt: off
TEXTS = Texts({
    "unknown": ("{name} is no destination with something to set up.{meant} There are: {names}.",
                "{name} no es un destino que haya que preparar.{meant} Hay: {names}."),
    "which":   ("{name} is on for {sources}: say for which, with --source NAME.",
                "{name} está activo para {sources}: di para cuál, con --source NOMBRE."),
    "none":    ("none", "ninguno"),
    "off":     ("{name} is {state}: {why}, then run this again.", "{name} está {state}: {why}, y repite el comando."),
})
# fmt: on


def to_be_set_up(activations: Sequence[Activation], name: str, *, source: str | None = None) -> Activation:
    """The destination of this name, of this business where several have it.

    Raises UnknownHandler where it has nothing to set up, HandlerNotOn, Ambiguous.
    """
    able = [each for each in activations if each.handler.setup and source in (None, each.source)]
    named = [each for each in able if each.handler.module == name]
    if not named:
        modules = sorted({each.handler.module for each in able})
        names = ", ".join(modules) or TEXTS("none")
        raise UnknownHandler(TEXTS("unknown", name=name, meant=did_you_mean(name, modules), names=names))
    on = [each for each in named if each.state == "on"]
    if not on:
        raise HandlerNotOn(TEXTS("off", name=name, state=state_of(named[0]), why=named[0].why))
    if len(on) > 1:
        raise Ambiguous(TEXTS("which", name=name, sources=", ".join(each.source or "''" for each in on)))
    return on[0]


def set_up(activation: Activation) -> Iterator[str]:
    """A line for each thing that was done, at each of its targets. Raises HandlerError where one refuses."""
    if activation.handler.setup:
        for settings in activation.targets.values():
            yield from activation.handler.setup(settings)
