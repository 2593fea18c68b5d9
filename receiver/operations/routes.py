"""Where runs go under the variables that are set now, and why others stay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .. import inbox, registry
from ..errors import HandlerNotOn, UnknownHandler, UnknownTarget
from ..registry import Activation, Lane
from ..store import Database


@dataclass(frozen=True)
class Routes:
    """The lanes of the handlers that are on. `named` is the handler that somebody asks for, or ""."""

    activations: Sequence[Activation]
    named: str = ""

    def lanes(self) -> frozenset[Lane]:
        return frozenset(lane for on in self.activations if on.state == "on" for lane in on.lanes())

    def of(self, source: str, event: str) -> list[Lane]:
        """Where an event of a source goes; to the console only when it is named, as nothing turned it on."""
        taking = [
            on
            for on in self.activations
            if on.state == "on"
            and on.source == source
            and on.takes(event)
            and (on.handler.needs or on.handler.name == self.named)
        ]
        return [lane for on in taking for lane in on.lanes()]

    def why_left(self, lane: Lane) -> str:
        """Why a run of this lane is left alone."""
        states = [on.state for on in self.activations if (on.source, on.handler.name) == (lane.source, lane.handler)]
        if not states:
            return "there is no such handler any more"
        if states[0] == "on":
            return "that URL is no longer set, and none that is set is to get it in its place"
        return f"it is {states[0]}"


def check_handler(activations: Sequence[Activation], handler: str, source: str | None = None) -> list[Activation]:
    """Its activations, one for each source. Raises UnknownHandler where there is none, naming those there are."""
    chosen = [on for on in activations if on.handler.name == handler and source in (None, on.source)]
    if not chosen:
        names = sorted({on.handler.name for on in activations if source in (None, on.source)})
        raise UnknownHandler(f"There is no handler {handler}. There are: {', '.join(names)}.")
    return chosen


def activations_on(
    db: Database, activations: Sequence[Activation], handler: str, source: str | None = None
) -> list[Activation]:
    """Those of this handler that are on. Raises UnknownHandler, HandlerNotOn where none is, StoreError."""
    chosen = check_handler(activations, handler, source)
    turned_on = [on for on in chosen if on.state == "on"]
    if not turned_on:
        raise HandlerNotOn(
            f"{handler} is {chosen[0].state} with these variables: {chosen[0].why or 'nothing turns it on'}. "
            f"{worker_differs(db, activations)}".rstrip()
        )
    return turned_on


def check_target(db: Database, activations: Sequence[Activation], handler: str, target: str) -> None:
    """Raises UnknownTarget where no run is, was or would be at this target; of any handler where none is named."""
    if any(handler in ("", on.handler.name) and target in on.targets for on in activations):
        return
    sql = "SELECT 1 FROM runs WHERE target = ? AND (handler = ? OR ? = '') LIMIT 1"
    if not db.read(sql, (target, handler, handler)):
        raise UnknownTarget(
            f"Nothing was ever meant for a target {target}: `receiver deliveries` shows those there are."
        )


def worker_differs(db: Database, activations: Sequence[Activation]) -> str:
    """What to do where these variables are not those of the worker that runs; else "". Raises StoreError."""
    differing = "; ".join(worker_differences(db, activations))
    return (
        f"The worker that runs has other variables ({differing}): set the same for this command." if differing else ""
    )


def worker_differences(db: Database, activations: Sequence[Activation]) -> list[str]:
    """Each handler that is other here than at the worker that runs, in words. Raises StoreError."""
    return list(registry.differences(inbox.Runs(db).handlers_on(), activations))
