"""What is done with many runs at a time, on the command line: begun, watched, stopped and continued."""

from __future__ import annotations

import getpass
import sys
import time
from collections.abc import Sequence

import click

from .. import operations
from ..operations import Actor, Job, command, label, moment
from ..registry import Activation
from ..store import Database
from .shared import as_json, the_inbox
from .text import print_json, print_table

LOOK_EVERY_S = 0.2
SCRIPT_S = 10  # a script does not wait longer for a worker that goes on by itself
STATES = {
    "counting": "is being counted",
    "ready": "was not begun",
    "running": "is under way",
    "stopping": "is being stopped",
    "stopped": "was stopped",
    "done": "is done",
}


def user() -> Actor:
    """Who is at the command line, for the record."""
    try:
        return Actor(who=f"{getpass.getuser()} (command line)")
    except (OSError, KeyError):  # in a container without a name for the user
        return Actor(who="command line")


USER = user()


def agreed(db: Database, job: Job, question: str) -> Job:
    """Begin it where somebody agrees, and ask once more where it changed meanwhile. Else it is forgotten."""
    try:
        click.confirm(question, abort=True)
        begun = operations.start(db, job.id, seen=job.total, by=USER)
        while begun.state == operations.READY:
            left = begun.runs(operations.PLANNED)
            click.confirm(f"It changed meanwhile: now {left}. Go on?", abort=True)
            begun = operations.start(db, job.id, seen=left, by=USER)
        return begun
    except click.Abort:
        operations.drop(db, job.id)
        raise


def done(db: Database, job: Job, activations: Sequence[Activation]) -> Job:
    """Begin it where it is not, and work on it here too, until it is done; Ctrl-C leaves that to the worker."""
    if job.state == operations.READY:
        job = operations.start(db, job.id, by=USER)
    try:
        return watched(db, job, activations) if sys.stderr.isatty() else worked_on(db, job, activations)
    except KeyboardInterrupt:
        goes_on = "The worker goes on" if operations.is_led(db) else "No worker runs: the next one goes on"
        stop = command(f"jobs stop {job.id}")
        click.echo(f"\n{goes_on} with it as job {job.id}. `{stop}` stops it.", err=True)
        return operations.job(db, job.id)


def worked_on(db: Database, job: Job, activations: Sequence[Activation]) -> Job:
    """Until all of it is opened; a worker that runs gets the rest of what takes long."""
    deadline = time.monotonic() + SCRIPT_S
    while job.state == operations.RUNNING and job.runs(operations.PLANNED):
        work(db, job, activations)
        job = operations.job(db, job.id)
        if time.monotonic() > deadline and operations.is_led(db):
            click.echo(f"The worker goes on with it: `{command(f'jobs show {job.id}')}`.", err=True)
            break
    return job


def work(db: Database, job: Job, activations: Sequence[Activation]) -> None:
    if not operations.advance(db, job.id, operations.windows(activations)):
        time.sleep(LOOK_EVERY_S)


def watched(db: Database, job: Job, activations: Sequence[Activation]) -> Job:
    """Until each of its runs was attempted, where there is a worker to do that; else until all are opened."""
    with click.progressbar(length=job.total, file=sys.stderr, label=f"job {job.id}") as bar:
        while job.state == operations.RUNNING and (job.runs(operations.PLANNED) or operations.is_led(db)):
            work(db, job, activations)
            job = operations.job(db, job.id)
            bar.update(job.settled - bar.pos)
    return job


def how_it_went(job: Job | None) -> str:
    """Sums that agree with what it was about."""
    if job is None:
        return "Done."
    parts = {
        "arrived": job.runs(operations.ARRIVED),
        "did not arrive": job.runs(operations.DID_NOT_ARRIVE),
        "wait for another attempt": job.runs(operations.WAITS),
        "cancelled": job.runs(operations.ENDED),
        "changed meanwhile and left alone": job.runs(operations.LEFT),
        "wait their turn": job.runs(operations.OPENED),
        "not begun": job.runs(operations.PLANNED),
    }
    said = ", ".join(f"{number} {what}" for what, number in parts.items() if number)
    return f"Done: of {job.total} {said}." if job.state == "done" else f"Job {job.id}: of {job.total} {said}."


@click.group(invoke_without_command=True)
@as_json
@click.pass_context
def jobs(ctx: click.Context, as_json: bool) -> None:
    """List what was sent again or cancelled, newest first, and how far it is; stop one, and continue it."""
    if ctx.invoked_subcommand:
        return
    with the_inbox() as db:
        found = operations.jobs(db)
    if as_json:
        return print_json({"jobs": [job.to_json() for job in found]})
    rows = [
        (
            f"{job.id}",
            moment(job.started_us or job.made_us),
            job.kind,
            f"{job.settled} of {job.total}",
            STATES[job.state],
        )
        for job in found
    ]
    print_table([("job", "begun (UTC)", "kind", "done", ""), *rows] if rows else [])
    if not rows:
        click.echo("Nothing was sent again or cancelled yet.")


@jobs.command()
@click.argument("number", type=int)
@as_json
def show(number: int, as_json: bool) -> None:
    """Say how far job NUMBER is, by destination."""
    with the_inbox() as db:
        tell(operations.job(db, number), as_json)


@jobs.command()
@click.argument("number", type=int, required=False)
@as_json
def stop(number: int | None, as_json: bool) -> None:
    """Stop job NUMBER, or the one that is under way: what has not begun is as before."""
    with the_inbox() as db:
        tell(operations.stop(db, number or operations.the_running_job(db), by=USER), as_json)


@jobs.command(name="continue")
@click.argument("number", type=int)
@as_json
def go_on(number: int, as_json: bool) -> None:
    """Go on with job NUMBER, which was stopped: the worker does the rest."""
    with the_inbox() as db:
        tell(operations.go_on(db, number, by=USER), as_json)


def tell(job: Job, as_json: bool) -> None:
    if as_json:
        return print_json(job.to_json())
    print_table([(f"{count.runs}", label(count.lane), count.was, count.state, count.why) for count in job.counts])
    click.echo(f"Job {job.id} ({job.kind}) {STATES[job.state]}. {how_it_went(job)}")
