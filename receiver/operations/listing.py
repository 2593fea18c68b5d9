"""A page of deliveries as people read it: a call, with all its events, is one entry, and has one state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ..store import Database
from .pages import KeptDelivery, KeptRun, Page, Place, page
from .selection import Selection
from .standing import ERASED, KEPT, STANDINGS, UNARRIVED, WAITING

DELIVERIES = 8  # of a call, twice as many as there are kinds of them: a page holds so many for each of its calls
MOST = 10_000  # deliveries on a page


@dataclass(frozen=True, kw_only=True)
class ListedPlace:
    """A destination of a call. `error` is of the newest run that is in this state."""

    handler: str
    target: str
    state: str
    error: str


@dataclass(frozen=True, kw_only=True)
class ListedCall:
    """The deliveries of a call, or one that names no call: `keys` and their `events`, oldest first.

    `received_us` is of the newest.
    """

    source: str
    call_id: str
    keys: tuple[str, ...]
    events: tuple[str, ...]
    received_us: int
    state: str
    places: tuple[ListedPlace, ...]


def page_of_calls(db: Database, selection: Selection, *, limit: int = 20, before: str = "") -> Page:
    """As `page`, and with the deliveries of `limit` calls: it ends before the first of another.

    Raises OperationError where `before` is no place in the list, StoreError.
    """
    whole = page(db, selection, limit=min(limit * DELIVERIES, MOST), before=before)
    calls: set[tuple[str, str]] = set()
    for number, delivery in enumerate(whole.deliveries):
        if len(calls) == limit and call_of(delivery) not in calls:
            last = whole.deliveries[number - 1]
            return replace(whole, deliveries=whole.deliveries[:number], next=str(Place(last.received_us, last.id)))
        calls.add(call_of(delivery))
    return whole


def by_call(deliveries: Iterable[KeptDelivery], selection: Selection) -> list[ListedCall]:
    """In the order of the page; of runs only those that are selected."""
    calls: dict[tuple[str, str], list[KeptDelivery]] = {}
    for delivery in deliveries:
        calls.setdefault(call_of(delivery), []).append(delivery)
    return [listed(call, selection) for call in calls.values()]


def call_of(delivery: KeptDelivery) -> tuple[str, str]:
    return delivery.source, delivery.call_id or f"\0{delivery.key}"


def listed(call: Sequence[KeptDelivery], selection: Selection) -> ListedCall:
    """`call` is newest first."""
    runs = [run for delivery in call for run in delivery.runs if is_selected(run, selection)]
    lanes = dict.fromkeys((run.handler, run.target) for run in sorted(runs, key=lambda run: run.id))
    return ListedCall(
        source=call[0].source,
        call_id=call[0].call_id or "",
        keys=tuple(delivery.key for delivery in reversed(call)),
        events=tuple(delivery.event for delivery in reversed(call)),
        received_us=call[0].received_us,
        state=state_of(call, runs),
        places=tuple(place(handler, target, runs) for handler, target in lanes),
    )


def is_selected(run: KeptRun, selection: Selection) -> bool:
    return (
        selection.handler in ("", run.handler)
        and selection.target in (None, run.target)
        and selection.state in ("", run.state)
    )


def state_of(call: Sequence[KeptDelivery], runs: Sequence[KeptRun]) -> str:
    if all(delivery.erased_us for delivery in call):
        return ERASED
    if not runs:
        return KEPT if all(delivery.dispatched_us for delivery in call) else WAITING
    return worst(runs)


def worst(runs: Iterable[KeptRun]) -> str:
    return min((run.standing for run in runs), key=STANDINGS.index)


def place(handler: str, target: str, runs: Sequence[KeptRun]) -> ListedPlace:
    here = [run for run in runs if (run.handler, run.target) == (handler, target)]
    state = worst(here)
    newest = max((run for run in here if run.standing == state), key=lambda run: run.id)
    error = newest.last_error or "" if state in UNARRIVED else ""
    return ListedPlace(handler=handler, target=target, state=state, error=error)
