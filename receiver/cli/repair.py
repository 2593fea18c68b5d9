"""The commands with which somebody looks at what came, and puts right what failed."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from .. import inbox, registry, store
from ..operations import pauses
from ..operations.cancel import at_work, unseen
from ..operations.cancel import cancel as end_by_hand
from ..operations.find import Listing
from ..operations.replay import replay as open_again
from ..registry import Activation
from .shared import as_json, confirmed, named, selecting, selection, the_handlers, the_inbox
from .text import as_called, described, moment, place, say_json, say_table, states, told


@click.command()
@selecting
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="The newest so many.")
@as_json
def deliveries(limit: int, as_json: bool, **wishes: Any) -> None:
    """List what was received, newest first, with the state of each run.

    Names, numbers and what was said are not shown: `receiver show KEY --body` shows them.
    """
    with the_inbox() as db:
        found, total = Listing(db).deliveries(selection(db, **wishes), limit)
    if as_json:
        return say_json({"deliveries": [told(one) for one in found], "total": total})
    rows = [(moment(one["received_us"]), one["key"], one["event"], one["call_id"] or "-", states(one)) for one in found]
    say_table([("received (UTC)", "delivery", "event", "call", "runs"), *rows] if rows else [])
    if not total:
        click.echo("Nothing was received that matches.")
    elif total > len(found):
        click.echo(f"… and {total - len(found)} older. --limit shows more.")


@click.command()
@click.argument("name", metavar="KEY")
@click.option("--body", is_flag=True, help="What InboundFlow sent, too: it holds callers' personal data.")
@as_json
def show(name: str, body: bool, as_json: bool) -> None:
    """Show one delivery with its runs and every attempt. KEY is its id, the beginning of one, or a call's id."""
    with the_inbox() as db:
        listing = Listing(db)
        keys = named(listing, name)
        found = [listing.delivery(key) for key in keys]
        paused, now_us = {(one["handler"], one["target"]) for one in listing.paused()}, db.now_us()
    for run in (run for one in found for run in one["runs"]):
        waits = run["state"] in ("pending", "retrying")
        run |= {
            "paused": (run["handler"], run["target"]) in paused,
            "due": waits and run["next_attempt_us"] <= now_us,
        }
    for one in found:
        one["body"] = bytes(one["body"]).decode(errors="replace") if body else None
    if as_json:
        return say_json({"deliveries": [told(one) for one in found]})
    click.echo("\n\n".join("\n".join(described(one)) for one in found))


@click.command()
@click.argument("names", metavar="[KEY]...", nargs=-1)
@selecting
@click.option("--again", is_flag=True, help="What succeeded too. Destinations that cannot be asked get it twice.")
@click.option("--limit", type=click.IntRange(1), help="The oldest so many deliveries only.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--yes", is_flag=True, help="With --again: do not ask back.")
@as_json
def replay(
    names: tuple[str, ...], again: bool, limit: int | None, dry_run: bool, yes: bool, as_json: bool, **wishes: Any
) -> None:
    """Run again what failed: by delivery or call id, or by --state, --handler, --event and time.

    What is dead or was skipped is opened again, what waits for its retry is due at once, and deliveries that came
    before a handler was switched on get their run. A handler asks its destination first whether the effect is there.
    What is meant for a URL that was replaced goes to the present one; what belongs to a handler that is off stays,
    and so does what was cancelled, unless its delivery is named or --state skipped is said.

        receiver replay --handler slack.post --state dead --since 2d --dry-run
    """
    if not names and not any(wishes.values()):
        raise click.UsageError("Say what to replay: a delivery's id, or --state dead, --handler, --event or --since.")
    if wishes["state"] == "succeeded" and not again:
        raise click.UsageError("Runs that succeeded are replayed with --again only.")
    activations = {one.handler.name: one for one in the_handlers()}
    if again and not dry_run:
        question = "Repeat what succeeded too? Slack webhooks and other URLs will get it twice."
        confirmed(question, "--again repeats what succeeded", yes)
    with the_inbox() as db:
        if wishes["handler"]:
            must_be_on(db, activations, wishes["handler"])
        if wishes["target"]:
            must_be_known(db, activations, wishes["handler"], wishes["target"])
        keys = tuple(key for name in names for key in named(Listing(db), name, one=True))
        chosen = selection(db, keys=keys, **wishes)

        def at(event: str) -> list[tuple[str, str]]:
            return wanted(activations, event, chosen.handler)

        places = {(name, target) for name, one in activations.items() if one.state == "on" for target in one.targets}
        done = open_again(db, chosen, at, places, again=again, dry_run=dry_run, limit=limit or 0)
        total = done.opened.total()
        if total and not dry_run:
            asked = {name: value for name, value in wishes.items() if value}
            pauses.note(db, "replay", {"keys": keys, **asked, "again": again, "runs": total})
            db.nudge()
        paused = {one["handler"] for one in Listing(db).paused()}
        differing = not_those_of_the_worker(db, activations)
    runs: list[dict[str, Any]] = [
        {"handler": h, "target": t, "was": what, "runs": n} for (h, t, what), n in sorted(done.opened.items())
    ]
    left: list[dict[str, Any]] = [
        {"handler": h, "target": t, "state": state, "runs": n, "why": why_left(activations, h)}
        for (h, t, state), n in sorted(done.left.items())
    ]
    if as_json:
        return say_json({"dry_run": dry_run, "runs": runs, "total": total, "left": left})
    opened = "would be opened" if dry_run else "opened"
    rows = [
        (f"{one['runs']}", place(one["handler"], one["target"]), one["was"].replace("opened", opened)) for one in runs
    ]
    say_table(rows)
    click.echo("Nothing is to be replayed." if not runs else "Nothing was changed (--dry-run)." if dry_run else "Done.")
    for one in left:
        click.echo(f"{one['runs']} {one['state']} at {place(one['handler'], one['target'])} left alone: {one['why']}.")
    if differing:
        click.echo(differing, err=True)
    for handler in sorted(paused & {one["handler"] for one in runs}):
        click.echo(as_called(f"{handler} is paused: its runs wait until `receiver resume {handler}`."))


@click.command()
@click.argument("names", metavar="[KEY]...", nargs=-1)
@selecting
@click.option("--reason", default="by hand", show_default=True, help="Shown with each run; no caller's data, please.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--yes", is_flag=True, help="Do not ask back.")
@as_json
def cancel(names: tuple[str, ...], reason: str, dry_run: bool, yes: bool, as_json: bool, **wishes: Any) -> None:
    """Cancel what waits or is dead: by delivery or call id, or by --state, --handler, --event and time.

    For what somebody has seen to otherwise, and for what belongs to a handler that does not come back. It ends as
    skipped, with the reason; the delivery stays. A replay opens it again where it names the delivery, or says
    --state skipped.

        receiver cancel --state dead --reason "called back" --dry-run
    """
    if not names and not any(wishes.values()):
        raise click.UsageError("Say what to cancel: a delivery's id, or --state dead, --handler, --event or --since.")
    if wishes["state"] in ("running", "succeeded", "skipped"):
        raise click.UsageError(f"What is {wishes['state']} cannot be cancelled: only what waits, or is dead.")
    with the_inbox() as db:
        listing = Listing(db)
        keys = tuple(key for name in names for key in named(listing, name, one=True))
        chosen = selection(db, keys=keys, **wishes)
        found = end_by_hand(db, chosen, reason, dry_run=True)
        if not as_json:
            say_table([(f"{n}", place(h, t), state) for (h, t, state), n in sorted(found.items())])
        if found and not dry_run:
            confirmed(f"Cancel {found.total()} run(s)?", "It ends runs", yes)
            found = end_by_hand(db, chosen, reason)
            asked = {name: value for name, value in wishes.items() if value}
            pauses.note(db, "cancel", {"keys": keys, **asked, "reason": reason, "runs": found.total()})
        running = 0 if wishes["state"] else at_work(db, chosen)
        no_runs = 0 if chosen.narrows_runs else unseen(db, chosen)
        others = [] if found else list(instead(listing, keys, wishes["handler"]))
    runs = [{"handler": h, "target": t, "was": state, "runs": n} for (h, t, state), n in sorted(found.items())]
    if as_json:
        counts = {"total": found.total(), "running": running, "unseen": no_runs}
        return say_json({"dry_run": dry_run, "runs": runs, **counts})
    if not found:
        click.echo("\n".join(["Nothing is to be cancelled.", *others]))
    else:
        click.echo("Nothing was changed (--dry-run)." if dry_run else f"Done: {found.total()} cancelled.")
    if running:
        click.echo(f"{running} at work just now: left alone.")
    if no_runs:
        click.echo(f"{no_runs} without runs, as no worker has seen them yet: cancel them when one has.")


def instead(listing: Listing, keys: Sequence[str], handler: str) -> Iterator[str]:
    """What there is where nothing can be cancelled. Raises click.UsageError where there is no such handler."""
    handlers = {one.handler.name for one in the_handlers()} if handler else set()
    if handler and handler not in handlers:
        raise click.UsageError(f"There is no handler {handler}. There are: {', '.join(sorted(handlers))}.")
    for key in keys:
        yield f"{key}: {states(listing.delivery(key))}."
    there = sorted({place(one["handler"], one["target"]) for one in listing.unfinished()}) if not keys else []
    if there:
        yield f"Something waits or is dead at {', '.join(there)}."


@click.command()
@click.argument("handler", required=False)
@click.argument("target", required=False)
@click.option("--reason", default="paused by hand", show_default=True, help="Shown wherever the pause is.")
@as_json
def pause(handler: str | None, target: str | None, reason: str, as_json: bool) -> None:
    """Let the runs of HANDLER wait, for example slack.post, until it is resumed. Without HANDLER: what is paused.

    Deliveries are received and kept all the same. TARGET names one URL of several.
    """
    with the_inbox() as db:
        if handler:
            activations = {one.handler.name: one for one in the_handlers()}
            targets = [target] if target else list(must_be_on(db, activations, handler).targets)
            if pauses.pause(db, handler, targets, reason):
                pauses.note(db, "pause", {"handler": handler, "targets": targets, "reason": reason})
        paused = Listing(db).paused()
    if as_json:
        return say_json({"paused": [told(one) for one in paused]})
    rows = [(place(one["handler"], one["target"]), moment(one["since_us"]), one["reason"]) for one in paused]
    say_table([("paused", "since (UTC)", "reason"), *rows] if rows else [])
    if not rows:
        click.echo("Nothing is paused.")


@click.command()
@click.argument("handler")
@click.argument("target", required=False)
@as_json
def resume(handler: str, target: str | None, as_json: bool) -> None:
    """End the pause of HANDLER, for example slack.post, once what it paused for is mended.

    A destination pauses when every next call would be refused too, such as after a token was revoked. The worker
    logs the reason. Its runs wait, and go on within seconds. TARGET names one URL of several.
    """
    with the_inbox() as db:
        ended = pauses.resume(db, handler, target)
        if ended:
            pauses.note(db, "resume", {"handler": handler, "targets": ended})
            db.nudge()
        paused = ", ".join(place(one["handler"], one["target"]) for one in Listing(db).paused())
    if as_json:
        say_json({"resumed": [{"handler": handler, "target": one} for one in ended]})
    elif ended:
        click.echo("\n".join(f"{place(handler, one)} goes on." for one in ended))
    else:
        click.echo(
            f"{place(handler, target or '')} is not paused; {f'paused is {paused}' if paused else 'nothing is'}.",
            err=True,
        )
    if not ended:
        sys.exit(1)


def must_be_on(db: store.Database, activations: Mapping[str, Activation], handler: str) -> Activation:
    if handler not in activations:
        raise click.UsageError(f"There is no handler {handler}. There are: {', '.join(sorted(activations))}.")
    found = activations[handler]
    if found.state != "on":
        raise click.UsageError(
            f"{handler} is {found.state} with these variables: {found.why or 'nothing turns it on'}. "
            f"{not_those_of_the_worker(db, activations)}".rstrip()
        )
    return found


def must_be_known(db: store.Database, activations: Mapping[str, Activation], handler: str, target: str) -> None:
    present = [one for name, one in activations.items() if handler in ("", name) and target in one.targets]
    if not present and not Listing(db).has_target(handler, target):
        raise click.UsageError(
            as_called(f"Nothing was ever meant for a target {target}: `receiver deliveries` shows those there are.")
        )


def not_those_of_the_worker(db: store.Database, activations: Mapping[str, Activation]) -> str:
    """What to do where this command's variables are not those of the worker that runs; else ""."""
    differing = "; ".join(registry.differences(inbox.handlers_on(db), list(activations.values())))
    return (
        f"The worker that runs has other variables ({differing}): set the same for this command." if differing else ""
    )


def why_left(activations: Mapping[str, Activation], handler: str) -> str:
    if handler not in activations:
        return "there is no such handler any more"
    state = activations[handler].state
    return (
        "that URL is no longer set, and none that is set is to get it in its place"
        if state == "on"
        else f"it is {state}"
    )


def wanted(activations: Mapping[str, Activation], event: str, named: str) -> list[tuple[str, str]]:
    """Where an event goes under the present variables; the console only when it is named: nothing turned it on."""
    on = [
        one
        for one in activations.values()
        if one.state == "on" and one.takes(event) and (one.handler.needs or one.handler.name == named)
    ]
    return [(one.handler.name, target) for one in on for target in one.targets]
