"""Where runs go under the variables that are set now, and why others stay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .. import inbox, registry
from ..errors import HandlerNotOn, UnknownHandler, UnknownTarget
from ..registry import Activation, Lane
from ..store import Database
from .commands import command


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

    def why_left(self, lane: Lane) -> str:
        """Why a run of this lane is left alone."""
        states = [
            activation.state
            for activation in self.activations
            if (activation.source, activation.handler.name) == (lane.source, lane.handler)
        ]
        if not states:
            return "there is no such handler any more"
        if states[0] == "on":
            return "that URL is no longer set, and none that is set is to get it in its place"
        return f"it is {states[0]}"


def check_handler(activations: Sequence[Activation], handler: str, source: str | None = None) -> list[Activation]:
    """Its activations, one for each source. Raises UnknownHandler where there is none, naming those there are."""
    candidates = [
        activation
        for activation in activations
        if activation.handler.name == handler and source in (None, activation.source)
    ]
    if not candidates:
        names = sorted({activation.handler.name for activation in activations if source in (None, activation.source)})
        raise UnknownHandler(f"There is no handler {handler}. There are: {', '.join(names)}.")
    return candidates


def activations_on(
    db: Database, activations: Sequence[Activation], handler: str, source: str | None = None
) -> list[Activation]:
    """Those of this handler that are on. Raises UnknownHandler, HandlerNotOn where none is, StoreError."""
    candidates = check_handler(activations, handler, source)
    ready = [activation for activation in candidates if activation.state == "on"]
    if not ready:
        raise HandlerNotOn(
            f"{handler} is {candidates[0].state} with these variables: {candidates[0].why or 'nothing turns it on'}. "
            f"{worker_differs(db, activations)}".rstrip()
        )
    return ready


def check_target(db: Database, activations: Sequence[Activation], handler: str, target: str) -> None:
    """Raises UnknownTarget where no run is, was or would be at this target; of any handler where none is named."""
    if any(handler in ("", activation.handler.name) and target in activation.targets for activation in activations):
        return
    sql = "SELECT 1 FROM runs WHERE target = ? AND (handler = ? OR ? = '') LIMIT 1"
    if not db.read(sql, (target, handler, handler)):
        raise UnknownTarget(
            f"Nothing was ever meant for a target {target}: `{command('deliveries')}` shows those there are."
        )


def worker_differs(db: Database, activations: Sequence[Activation]) -> str:
    """What to do where these variables are not those of the worker that runs; else "". Raises StoreError."""
    differing = "; ".join(worker_differences(db, activations))
    return (
        f"The worker that runs has other variables ({differing}): set the same for this command." if differing else ""
    )


def worker_differences(db: Database, activations: Sequence[Activation]) -> list[str]:
    """Each handler that is other here than at the worker that runs, in words. Raises StoreError."""
    return list(registry.differences(inbox.handlers_on(db), activations))
