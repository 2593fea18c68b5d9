"""Where runs go under the variables that are set now, and why others stay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .. import inbox, registry
from ..errors import HandlerNotOn, UnknownHandler, UnknownTarget
from ..locales import Text, Texts, joined
from ..registry import Activation, Lane
from ..store import Database
from .commands import command
from .similar import did_you_mean

# fmt: off
TEXTS = Texts({
    "no_handler": ("there is no such handler any more", "ese handler ya no existe"),
    "no_url":     ("that URL is no longer set, and none that is set is to get it in its place",
                   "esa URL ya no está definida, y ninguna de las definidas debe recibirlo en su lugar"),
    "state":      ("it is {state}", "está {state}"),
    "unknown":    ("There is no handler {name}.{meant} There are: {names}.",
                   "No hay ningún handler {name}.{meant} Hay: {names}."),
    "not_on":     ("{name} is {state} with these variables: {why}. {differs}",
                   "Con estas variables, {name} está {state}: {why}. {differs}"),
    "idle":       ("nothing turns it on", "nada lo activa"),
    "target":     ("Nothing was ever meant for a target {target}: `{command}` shows those there are.",
                   "Nunca hubo nada para un destino {target}: `{command}` muestra los que hay."),
    "differs":    ("The worker that runs has other variables ({differing}): set the same for this command.",
                   "El worker en marcha tiene otras variables ({differing}): define las mismas para este comando."),
    "on":            ("on", "activo"),
    "off":           ("off", "desactivado"),
    "misconfigured": ("misconfigured", "mal configurado"),
})
# fmt: on


@dataclass(frozen=True)
class Routes:
    """The lanes of the handlers that are on. `named` is the handler that somebody asks for, or ""."""

    activations: Sequence[Activation]
    named: str = ""

    def lanes(self) -> frozenset[Lane]:
        return frozenset(
            lane for activation in self.activations if activation.state == "on" for lane in activation.lanes()
        )

    def lanes_for(self, source: str, event: str) -> list[Lane]:
        """Where an event of a source goes; to the console only when it is named, as nothing turned it on."""
        taking = [
            activation
            for activation in self.activations
            if activation.state == "on"
            and activation.source == source
            and activation.takes(event)
            and (activation.handler.needs or activation.handler.name == self.named)
        ]
        return [lane for activation in taking for lane in activation.delivery_lanes()]

    def asks(self, lane: Lane) -> bool:
        """Whether its handler asks what is there before it writes again."""
        return any(
            activation.asks(lane.target)
            for activation in self.activations
            if (activation.source, activation.handler.name) == (lane.source, lane.handler)
        )

    def why_left(self, lane: Lane) -> Text:
        """Why a run of this lane is left alone."""
        states = [
            activation.state
            for activation in self.activations
            if (activation.source, activation.handler.name) == (lane.source, lane.handler)
        ]
        if not states:
            return TEXTS("no_handler")
        if states[0] == "on":
            return TEXTS("no_url")
        return TEXTS("state", state=TEXTS(states[0]))


def check_handler(activations: Sequence[Activation], handler: str, source: str | None = None) -> list[Activation]:
    """Its activations, one for each source. Raises UnknownHandler where there is none, naming those there are."""
    candidates = [
        activation
        for activation in activations
        if activation.handler.name == handler and source in (None, activation.source)
    ]
    if not candidates:
        names = sorted({activation.handler.name for activation in activations if source in (None, activation.source)})
        meant = did_you_mean(handler, names)
        raise UnknownHandler(TEXTS("unknown", name=handler, meant=meant, names=", ".join(names)))
    return candidates


def activations_on(
    db: Database, activations: Sequence[Activation], handler: str, source: str | None = None
) -> list[Activation]:
    """Those of this handler that are on. Raises UnknownHandler, HandlerNotOn where none is, StoreError."""
    candidates = check_handler(activations, handler, source)
    ready = [activation for activation in candidates if activation.state == "on"]
    if not ready:
        state, why = state_of(candidates[0]), candidates[0].why or TEXTS("idle")
        raise HandlerNotOn(TEXTS("not_on", name=handler, state=state, why=why, differs=worker_differs(db, activations)))
    return ready


def state_of(activation: Activation) -> Text:
    """In a word."""
    return TEXTS(activation.state)


def check_target(db: Database, activations: Sequence[Activation], handler: str, target: str) -> None:
    """Raises UnknownTarget where no run is, was or would be at this target; of any handler where none is named."""
    if any(handler in ("", activation.handler.name) and target in activation.targets for activation in activations):
        return
    sql = "SELECT 1 FROM runs WHERE target = ? AND (handler = ? OR ? = '') LIMIT 1"
    if not db.read(sql, (target, handler, handler)):
        raise UnknownTarget(TEXTS("target", target=target, command=command("deliveries")))


def worker_differs(db: Database, activations: Sequence[Activation]) -> str:
    """What to do where these variables are not those of the worker that runs; else "". Raises StoreError."""
    differing = worker_differences(db, activations)
    return TEXTS("differs", differing=joined("; ", differing)) if differing else ""


def worker_differences(db: Database, activations: Sequence[Activation]) -> list[Text]:
    """Each handler that is other here than at the worker that runs, in words. Raises StoreError."""
    return list(registry.differences(inbox.handlers_on(db), activations))
