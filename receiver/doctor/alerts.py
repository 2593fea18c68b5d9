"""Whether somebody is told when something needs attention, and whether that has arrived."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..operations import Finding, advice, command, fine, moment, problem, unsent
from ..registry import Activation
from ..store import Database

PAGE = "docs/alerts.md"


def check_ways(ways: Sequence[Activation]) -> Iterator[Finding]:
    """By the variables alone."""
    for way in ways:
        if way.state == "misconfigured":
            yield problem(
                "alerts",
                f"{way.handler.name} is misconfigured: {way.why}",
                why="nobody is told in this way when something needs attention",
                do=f"put that right, and start again: {PAGE}",
            )
    names = ", ".join(way.handler.name for way in ways if way.state == "on")
    if names:
        yield fine("alerts", f"they go out by {names}")
    elif not any(way.state == "misconfigured" for way in ways):
        yield advice(
            "alerts",
            "nobody is told when something needs attention",
            why="InboundFlow may disable the webhook, or fall silent, and nobody sees it",
            do=f"set ALERT_SLACK_WEBHOOK_URL, ALERT_SLACK_CHANNEL, ALERT_EMAIL or ALERT_URL: {PAGE}",
        )


def check_unsent(db: Database) -> Iterator[Finding]:
    """Raises StoreError."""
    for each in unsent(db):
        yield problem(
            "alerts",
            f"{each.number} did not go out by {each.channel.partition(' ')[0]} since {moment(each.since_us)} UTC: "
            f"{each.problem}",
            why="each is tried again for a day",
            do=f"put that right, then: {command('alert --test')}",
        )
