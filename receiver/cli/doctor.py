"""The command that says what is set up, what is not, and what to do about it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from .. import settings as environment
from ..inbox.listing import Listing
from ..registry import Activation
from .repair import as_json, the_handlers, the_inbox
from .text import place, say_json, say_table

if TYPE_CHECKING:
    from ..doctor import Finding

WAITING = ("pending", "queued", "running", "retrying")


@click.command()
@click.option("--url", default="", metavar="URL", help="The public address, to be asked as InboundFlow will ask it.")
@click.option("--offline", is_flag=True, help="Ask neither Redis, nor the destinations, nor the public address.")
@as_json
def doctor(url: str, offline: bool, as_json: bool) -> None:
    """Say what is set up, what each destination gets, and what needs a person, with what to do.

    Asks the database, Redis and each destination, harmlessly: nothing is posted, and nothing is changed.
    Exit code 0 where nothing needs a person, 1 where something does, 2 where it could not look.
    """
    from .. import doctor as room  # here, as it brings an HTTP client that other commands do without

    settings = environment.read(os.environ)
    activations = the_handlers()
    checks = list(room.look(settings, os.environ, activations, url=url, offline=offline))
    findings = [finding(one.what, one.said, one.do) for one in checks if one.severity == room.PROBLEM]
    seen = Seen() if any(one["what"] == "database" for one in findings) else looked_up()
    found = [described(one, seen.open_runs) for one in activations]
    findings += trouble(activations, seen)
    if as_json:
        say_json({"handlers": found, "findings": findings, "checks": [one.told() for one in checks]})
    else:
        say(found, findings, checks)
    sys.exit(1 if findings else 0)


class Seen(NamedTuple):
    """What the inbox tells; nothing where there is none yet."""

    open_runs: Mapping[str, Mapping[str, int]] = {}  # also dead ones, by handler and state
    waiting_at: Mapping[tuple[str, str], int] = {}  # by handler and target
    paused: Sequence[Mapping[str, Any]] = ()


def looked_up() -> Seen:
    settings = environment.read(os.environ)
    if not settings.database_url and not settings.database_path.exists():
        return Seen()
    with the_inbox() as db:
        listing = Listing(db)
        return Seen(listing.unfinished(), listing.waiting_at(), listing.paused())


def described(one: Activation, open_runs: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    runs = open_runs.get(one.handler.name, {})
    return {
        "handler": one.handler.name,
        "state": one.state,
        "why": one.why,
        "events": one.events(),
        "narrowed_to": sorted(one.wanted.events) or None,
        "urgency": sorted(one.wanted.urgencies),
        "targets": [target for target in one.targets if target] if one.state == "on" else [],
        "urls": [sent_to(settings) for settings in one.targets.values() if settings.get("url")],
        "waiting": sum(runs.get(state, 0) for state in WAITING),
        "dead": runs.get("dead", 0),
    }


def sent_to(target: Mapping[str, str]) -> str:
    """A target's URL as it may be shown, and whether what is sent there is signed."""
    from ..destinations import masked  # here, as it brings an HTTP client that other commands do without

    return masked(target["url"]) + (" (not signed)" if not target.get("secret", "-") else "")


def trouble(activations: Sequence[Activation], seen: Seen) -> Iterator[dict[str, str]]:
    for one in activations:
        if one.state == "misconfigured":
            yield finding(one.handler.name, f"misconfigured, its runs wait: {one.why}", "set it, and start again")
    for pause in seen.paused:
        where = place(pause["handler"], pause["target"])
        yield finding(where, f"paused: {pause['reason']}", f"mend it, then: receiver resume {where}")
    known = {one.handler.name: one for one in activations}
    for (name, target), number in sorted(seen.waiting_at.items()):
        if target and name in known and known[name].state == "on" and target not in known[name].targets:
            mend = f"set it again; or send the same to the present one: receiver replay --handler {name} --since 2d"
            yield finding(place(name, target), f"{number} run(s) wait for a URL that is no longer set", mend)
    for name, runs in sorted(seen.open_runs.items()):
        waiting = sum(runs.get(state, 0) for state in WAITING)
        if waiting and name not in known:
            yield finding(name, f"{waiting} run(s) wait for a handler that is not there", "bring its file back")
        elif waiting and known[name].state == "off":
            yield finding(name, f"{waiting} run(s) wait, and it is off", "set its variables again")
        if runs.get("dead"):
            mend = (
                f"see which: receiver deliveries --state dead; why: receiver show ID; "
                f"then: receiver replay --handler {name} --state dead"
            )
            yield finding(name, f"{runs['dead']} dead letter(s)", mend)


def finding(what: str, problem: str, mend: str) -> dict[str, str]:
    return {"what": what, "problem": problem, "do": mend}


def taken(one: Mapping[str, Any]) -> str:
    events = "all events" if one["narrowed_to"] is None else ", ".join(one["narrowed_to"])
    return events + (f", urgency {' or '.join(one['urgency'])} only" if one["urgency"] else "")


def say(found: Sequence[Mapping[str, Any]], findings: Sequence[Mapping[str, str]], checks: Sequence[Finding]) -> None:
    rows = [
        (
            one["handler"],
            one["state"],
            ", ".join(one["urls"]) or (f"{len(one['targets'])} targets" if len(one["targets"]) > 1 else ""),
            taken(one) if one["state"] == "on" else "",
            f"{one['waiting']} wait" if one["waiting"] else "",
        )
        for one in found
    ]
    say_table([("destination", "state", "", "events", ""), *rows])
    reasons = {(one.what, one.said): one.why for one in checks}
    for finding in findings:
        say_one(
            finding["what"], finding["problem"], reasons.get((finding["what"], finding["problem"]), ""), finding["do"]
        )
    for check in checks:
        if check.severity == "advice":
            say_one(f"(advice) {check.what}", check.said, check.why, check.do)
    fine = [check for check in checks if check.severity == "ok"]
    if fine:
        click.echo()
    for check in fine:
        click.echo(f"ok: {check.what}: {check.said}")
    if not findings:
        click.echo("\nNothing needs a person.")


def say_one(what: str, said: str, why: str, do: str) -> None:
    click.echo(f"\n{what}: {said}" + (f"\n  {why}" if why else "") + f"\n  → {do}")
