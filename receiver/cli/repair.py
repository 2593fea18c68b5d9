"""The commands with which somebody puts right what failed."""

from __future__ import annotations

import sys
from typing import Any

import click

from .. import operations
from ..operations import Cancelled, Instead, Job, Replayed, command, label, moment, states
from .jobs import USER, agreed, done, how_it_went
from .shared import as_json, confirm, of_source, selecting, the_handlers, the_inbox
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

    For what somebody has seen to otherwise, and for what belongs to a handler that does not come back. It ends as
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


@click.command()
@click.argument("handler", required=False)
@click.argument("target", required=False)
@click.option("--reason", default="paused by hand", show_default=True, help="Shown wherever the pause is.")
@of_source
@as_json
def pause(handler: str | None, target: str | None, reason: str, source: str | None, as_json: bool) -> None:
    """Let the runs of HANDLER wait, for example slack.post, until it is resumed. Without HANDLER: what is paused.

    What is down, or asked to be left alone, is listed too: it goes on by itself.
    Deliveries are received and kept all the same. TARGET names one URL of several.
    """
    with the_inbox() as db:
        if handler:
            operations.pause(db, the_handlers(), handler, target, reason=reason, source=source)
        paused, held = operations.paused(db), operations.held(db)
    if as_json:
        return print_json({"paused": [pause.to_json() for pause in paused], "held": [one.to_json() for one in held]})
    rows = [(label(pause.lane), moment(pause.since_us), pause.reason) for pause in paused]
    print_table([("paused", "since (UTC)", "reason"), *rows] if rows else [])
    if not rows:
        click.echo("Nothing is paused.")
    for one in held:
        click.echo(f"{label(one.lane)} {one.sentence} ({one.reason}). {one.waiting} run(s) wait.")


@click.command()
@click.argument("handler")
@click.argument("target", required=False)
@of_source
@as_json
def resume(handler: str, target: str | None, source: str | None, as_json: bool) -> None:
    """End the pause of HANDLER, for example slack.post, once what it paused for is fixed.

    A destination pauses when every next call would be refused too, such as after a token was revoked. The worker
    logs the reason. Its runs wait, and go on within seconds. TARGET names one URL of several.
    """
    with the_inbox() as db:
        resumed = operations.resume(db, handler, target, source=source)
        paused = ", ".join(label(pause.lane) for pause in operations.paused(db))
    if as_json:
        print_json({"resumed": [operations.lane_to_json(lane) for lane in resumed]})
    elif resumed:
        click.echo("\n".join(f"{label(lane)} goes on." for lane in resumed))
    else:
        name = f"{handler} {target or ''}".rstrip()
        click.echo(f"{name} is not paused; {f'paused is {paused}' if paused else 'nothing is'}.", err=True)
    if not resumed:
        sys.exit(1)
