"""Deliveries, and tables of anything, as lines of text for people."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from ..registry import Lane
from .documents import moment as moment
from .lanes import label
from .pages import KeptDelivery, KeptRun
from .show import ShownDelivery, ShownRun


def describe(delivery: ShownDelivery, *, body: bool) -> Iterator[str]:
    """A delivery as lines of text."""
    yield f"delivery  {delivery.key}"
    if delivery.source:
        yield f"source    {delivery.source}"
    yield f"event     {delivery.event or '(none)'}, call {delivery.call_id or '(none)'}"
    yield f"received  {moment(delivery.received_us)} UTC"
    if delivery.erased_us:
        yield f"erased    {moment(delivery.erased_us)} UTC: only its id, its event and its times are kept"
    if problems := json.loads(delivery.problems):
        yield f"odd       {', '.join(problems)}"
    if delivery.conflicts:
        yield f"conflicts {delivery.conflicts} with the same id and other content: kept, and not run"
    if not delivery.runs:
        yield "runs      none" + ("" if delivery.dispatched_us else " yet: the worker has not seen it")
    for run in delivery.runs:
        yield from describe_run(run)
    if body:
        yield f"\n{delivery.text}"


def describe_run(run: ShownRun) -> Iterator[str]:
    yield f"\n{run_label(run)}: {run.state}{due(run)}"
    if run.outcome:
        yield f"  outcome     {run.outcome}"
    if run.last_error:
        yield f"  last error  {run.last_error}"
    for attempt in run.attempts:
        took = f" after {(attempt.ended_us - attempt.started_us) / 1e6:.1f} s" if attempt.ended_us else ""
        detail = f": {attempt.detail}" if attempt.detail else ""
        began = moment(attempt.started_us)
        yield f"  attempt {attempt.number}   {began} {attempt.result or 'running'}{took}{detail}"


def due(run: ShownRun) -> str:
    """When a run is to be attempted, or why it is not."""
    if run.state not in ("pending", "retrying"):
        return ""
    if run.paused:
        return ", waits until its pause ends"
    if run.held:
        return f", waits: its target {run.held}"
    when = "due since" if run.due else "next attempt"
    return f", {when} {moment(run.next_attempt_us)} UTC"


def states(delivery: KeptDelivery) -> str:
    shown = ["erased"] * bool(delivery.erased_us) + [f"{run_label(run)} {run.state}" for run in delivery.runs]
    return ", ".join(shown) or ("none" if delivery.dispatched_us else "not yet")


def run_label(run: KeptRun) -> str:
    """Of a delivery whose source is shown beside it."""
    return label(Lane("", run.handler, run.target))


def table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
