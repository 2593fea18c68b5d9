"""The commands with which somebody puts right what failed."""

from __future__ import annotations

import sys
from typing import Any

import click

from .. import operations
from ..operations import Cancelled, Instead, Job, Replayed, command, label, states
from .jobs import USER, agreed, done, how_it_went
from .shared import as_json, confirm, selecting, the_handlers, the_inbox
from .text import print_json, print_table

DRY_RUN = "Nothing was changed (--dry-run)."


@click.command()
@click.argument("names", metavar="[KEY]...", nargs=-1)
@selecting
@click.option("--again", is_flag=True, help="What succeeded too. Destinations that cannot be asked get it twice.")
@click.option("--limit", type=click.IntRange(1), help="The oldest so many deliveries only.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--yes", is_flag=True, help="Do not ask back.")
@as_json
def replay(again: bool, limit: int | None, dry_run: bool, yes: bool, as_json: bool, **criteria: Any) -> None:
    """Run again what failed: by delivery or call id, or by --state, --handler, --event and time.

    What is dead or was skipped is opened again, what waits for its retry is due at once, and deliveries that came
    before a handler was switched on get their run. A handler asks its destination first whether the effect is there.
    What is meant for a URL that was replaced goes to the present one; what belongs to a handler that is off stays,
    and so does what was cancelled, unless its delivery is named or --state skipped is said.

    On a terminal it says what would be sent and asks. It goes as fast as the destinations take it; Ctrl-C leaves that
    to the worker, and `receiver jobs stop` ends it.

        receiver replay --handler slack.post --state dead --since 2d --dry-run
    """
    activations = the_handlers()
    with the_inbox() as db:
        selection = operations.select(db, **criteria)
        operations.check_replay(db, activations, selection, again=again)
        oldest = limit or 0
        if dry_run:
            looked = operations.replay(db, activations, selection, again=again, limit=oldest, dry_run=True)
            return tell_replayed(looked, as_json)
        if again:
            agree_to_repeats(yes)
        job = operations.make_replay(
            db, activations, selection, again=again, limit=oldest, by=USER, at_most=operations.EVERYTHING
        )
        looked = operations.replayed(db, activations, job)
        if looked.total and not (as_json or yes) and sys.stdin.isatty():
            print_preview(looked, job)
            job = agreed(db, job, f"Send {looked.total} again?")
        job = done(db, job, activations)
        tell_replayed(operations.replayed(db, activations, job), as_json, job)


def agree_to_repeats(yes: bool) -> None:
    question = "Repeat what succeeded too? Slack webhooks and other URLs will get it twice."
    confirm(question, "--again repeats what succeeded", yes)


def tell_replayed(replayed: Replayed, as_json: bool, job: Job | None = None) -> None:
    if as_json:
        return print_json(replayed.to_json() | ({"job": job.id} if job and replayed.total else {}))
    print_opened(replayed, "would be opened" if replayed.dry_run else "opened")
    click.echo("Nothing is to be replayed." if not replayed.runs else DRY_RUN if replayed.dry_run else how_it_went(job))
    print_left(replayed)


def print_preview(replayed: Replayed, job: Job) -> None:
    print_opened(replayed, "would be opened")
    for lane in job.lanes():
        if twice := sum(count.runs for count in job.counts if count.lane == lane and count.twice):
            click.echo(f"{twice} may arrive twice at {label(lane)}: it cannot be asked what is there.")
    print_left(replayed)


def print_opened(replayed: Replayed, opened: str) -> None:
    print_table([(f"{row.runs}", label(row.lane), row.was.replace("opened", opened)) for row in replayed.runs])


def print_left(replayed: Replayed) -> None:
    for left in replayed.left:
        click.echo(f"{left.runs} {left.state} at {label(left.lane)} left alone: {left.why}.")
    if replayed.worker_differs:
        click.echo(replayed.worker_differs, err=True)
    for handler in dict.fromkeys(lane.handler for lane in replayed.paused):
        click.echo(f"{handler} is paused: its runs wait until `{command(f'resume {handler}')}`.")


@click.command()
@click.argument("names", metavar="[KEY]...", nargs=-1)
@selecting
@click.option("--reason", default="by hand", show_default=True, help="Shown with each run; no caller's data, please.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--yes", is_flag=True, help="Do not ask back.")
@as_json
def cancel(reason: str, dry_run: bool, yes: bool, as_json: bool, **criteria: Any) -> None:
    """Cancel what waits or is dead: by delivery or call id, or by --state, --handler, --event and time.

    For what somebody has dealt with already, and for what belongs to a handler that does not come back. It ends as
    skipped, with the reason; the delivery stays. A replay opens it again where it names the delivery, or says
    --state skipped.

        receiver cancel --state dead --reason "called back" --dry-run
    """
    with the_inbox() as db:
        selection = operations.select(db, **criteria)
        cancelled = operations.cancel(db, selection, reason, dry_run=True)
        if not as_json:
            print_table([(f"{row.runs}", label(row.lane), row.state) for row in cancelled.runs])
        if cancelled.runs and not dry_run:
            if not yes and not sys.stdin.isatty():
                confirm("", "It ends runs", yes)
            job = operations.make_cancel(db, selection, reason, by=USER, at_most=operations.EVERYTHING)
            if not yes:
                job = agreed(db, job, f"Cancel {job.total} run(s)?")
            cancelled = operations.cancelled(db, done(db, job, ()), selection)
        instead = Instead() if cancelled.runs else operations.instead(db, the_handlers(), selection)
    if as_json:
        print_json(cancelled.to_json())
    else:
        print_cancelled(cancelled, instead, dry_run)


def print_cancelled(cancelled: Cancelled, instead: Instead, dry_run: bool) -> None:
    if cancelled.runs:
        click.echo(DRY_RUN if dry_run else f"Done: {cancelled.total} cancelled.")
    else:
        click.echo("Nothing is to be cancelled.")
    for delivery in instead.deliveries:
        click.echo(f"{delivery.key}: {states(delivery)}.")
    if instead.lanes:
        click.echo(f"Something waits or is dead at {', '.join(map(label, instead.lanes))}.")
    if cancelled.running:
        click.echo(f"{cancelled.running} running just now: left alone.")
    if cancelled.undispatched:
        click.echo(f"{cancelled.undispatched} without runs, as no worker has seen them yet: cancel them when one has.")
