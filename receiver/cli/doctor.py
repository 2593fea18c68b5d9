"""The command that says what is set up, what is not, and what to do about it."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import click
import httpx

from .. import doctor as room
from .. import settings as environment
from ..doctor import Finding
from ..errors import ConfigurationError
from ..operations.find import Listing
from ..registry import Activation
from ..toolkit import masked
from .findings import Page
from .shared import as_json, the_handlers, the_inbox
from .text import place, say_json

WAITING = ("pending", "queued", "running", "retrying")


@click.command()
@click.option(
    "--url",
    default="",
    metavar="URL",
    callback=lambda _context, _parameter, url: an_address(url),
    help="The public address, to be asked as InboundFlow will ask it.",
)
@click.option("--offline", is_flag=True, help="Ask neither Redis, nor the destinations, nor the public address.")
@as_json
def doctor(url: str, offline: bool, as_json: bool) -> None:
    """Say what is set up, what each destination gets, and what needs a person, with what to do.

    Asks the database, Redis and each destination, harmlessly: nothing is posted, and nothing is changed.
    What is silent is given up on, so that it ends within 15 s. Exit code 0 where nothing needs a person, 1 where
    something does, 2 where it could not look at all: a variable or an option that cannot be read, handlers that
    cannot be loaded.
    """
    settings = environment.read(os.environ)
    activations = loaded()
    checks = list(room.look(settings, os.environ, activations, url=url, offline=offline))
    findings = [finding(one.what, one.said, one.do) for one in checks if one.severity == room.PROBLEM]
    answers = any(one.what == "database" and one.severity == room.OK for one in checks)
    seen = looked_up() if answers else Seen()
    found = [described(one, seen) for one in activations]
    findings += trouble(activations, seen)
    checks += hints(activations, seen)
    if as_json:
        say_json({"handlers": found, "findings": findings, "checks": [one.told() for one in checks]})
    else:
        Page().say(found, findings, checks)
    sys.exit(1 if findings else 0)


def an_address(url: str) -> str:
    """Raises click.BadParameter where it is no address; the text of it may hold a secret."""
    try:
        parts = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        parts = httpx.URL()
    if url and not (parts.scheme in ("https", "http") and parts.host):
        raise click.BadParameter("it should look like https://calls.example.com")
    return url


def loaded() -> Sequence[Activation]:
    """Raises ConfigurationError where a handler's file cannot be loaded, with what Python says."""
    try:
        return the_handlers()
    except (ImportError, SyntaxError, TypeError, NameError, AttributeError) as error:
        raise ConfigurationError(f"The handlers cannot be loaded: {type(error).__name__}: {error}") from error


class Seen(NamedTuple):
    """What the inbox tells; nothing where there is none yet."""

    unfinished: Sequence[Mapping[str, Any]] = ()
    paused: Sequence[Mapping[str, Any]] = ()

    def at(self, *states: str) -> list[tuple[tuple[str, str], int]]:
        """How many runs are in these states at each (handler, target), in order."""
        found: Counter[tuple[str, str]] = Counter()
        for row in self.unfinished:
            if row["state"] in states:
                found[row["handler"], row["target"]] += row["n"]
        return sorted(found.items())

    def of(self, *states: str) -> Counter[str]:
        """The same, for each handler with all of its targets."""
        found: Counter[str] = Counter()
        for (handler, _), number in self.at(*states):
            found[handler] += number
        return found


def looked_up() -> Seen:
    settings = environment.read(os.environ)
    if not settings.database_url and not settings.database_path.exists():
        return Seen()
    with the_inbox() as db:
        listing = Listing(db)
        return Seen(listing.unfinished(), listing.paused())


def described(one: Activation, seen: Seen) -> dict[str, Any]:
    return {
        "handler": one.handler.name,
        "state": one.state,
        "why": one.why,
        "events": one.events(),
        "narrowed_to": sorted(one.wanted.events) or None,
        "urgency": sorted(one.wanted.urgencies),
        "targets": [target for target in one.targets if target] if one.state == "on" else [],
        "urls": [sent_to(settings) for settings in one.targets.values() if settings.get("url")],
        "waiting": seen.of(*WAITING)[one.handler.name],
        "dead": seen.of("dead")[one.handler.name],
    }


def sent_to(target: Mapping[str, str]) -> str:
    """A target's URL as it may be shown, and whether what is sent there is signed."""
    return masked(target["url"]) + (" (not signed)" if not target.get("secret", "-") else "")


def trouble(activations: Sequence[Activation], seen: Seen) -> Iterator[dict[str, str]]:
    for one in activations:
        if one.state == "misconfigured":
            yield finding(
                one.handler.name, f"misconfigured, its runs wait: {one.why}", "put that right, and start again"
            )
    for pause in seen.paused:
        where = place(pause["handler"], pause["target"])
        yield finding(where, f"paused: {pause['reason']}", f"mend it, then: receiver resume {where}")
    known = {one.handler.name: one for one in activations}
    for (name, target), number in seen.at(*WAITING):
        if target and name in known and known[name].state == "on" and target not in known[name].targets:
            which = options(name, target)
            mend = f"set it again; or move them to the present one: receiver replay {which}; {or_cancel(which)}"
            yield finding(place(name, target), f"{number} run(s) wait for a URL that is no longer set", mend)
    for name, waiting in seen.of(*WAITING).items():
        if name not in known:
            mend = f"bring its file back, {or_cancel(options(name))}"
            yield finding(name, f"{waiting} run(s) wait for a handler that is not there", mend)
        elif known[name].state == "off":
            mend = f"set its variables again, {or_cancel(options(name))}"
            yield finding(name, f"{waiting} run(s) wait, and it is off", mend)
    for (name, target), number in seen.at("dead"):
        if name in known and known[name].state != "off":
            which = options(name, target)
            mend = (
                f"see which: receiver deliveries {which} --state dead; why: receiver show ID; "
                f"then: receiver replay {which} --state dead; "
                f"or, where they are seen to otherwise: receiver cancel {which} --state dead"
            )
            yield finding(place(name, target), f"{number} dead letter(s)", mend)


def options(name: str, target: str = "") -> str:
    return f"--handler {name}" + (f" --target {target}" if target else "")


def or_cancel(which: str) -> str:
    return f"or cancel them, dead letters too: receiver cancel {which}"


def hints(activations: Sequence[Activation], seen: Seen) -> Iterator[Finding]:
    """What may mend itself, and the dead letters of what is off: these are over, unless it comes back."""
    known = {one.handler.name for one in activations if one.state != "off"}
    set_ = {(one.handler.name, target) for one in activations if one.state == "on" for target in one.targets}
    paused = {(one["handler"], one["target"]) for one in seen.paused}
    for row in seen.unfinished:
        if row["state"] == "retrying" and (row["handler"], row["target"]) in set_ - paused:
            yield room.advice(
                place(row["handler"], row["target"]),
                f"{row['n']} run(s) wait for another attempt: {row['error'] or ''}",
                why="each is tried again for about a day, then it is a dead letter",
                do="mend the cause, if it does not pass by itself",
            )
    for (name, target), number in seen.at("dead"):
        if name not in known:
            yield room.advice(
                place(name, target),
                f"{number} dead letter(s), and with this command's variables it is off",
                why="nothing more is done about them",
                do=f"to have them all the same, set its variables, then: receiver replay --handler {name} --state dead",
            )


def finding(what: str, problem: str, mend: str) -> dict[str, str]:
    return {"what": what, "problem": problem, "do": mend}
