"""Whether somebody is told when something needs attention, and whether that has arrived."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..locales import Texts, stamp
from ..operations import Finding, advice, command, fine, problem, unsent
from ..registry import Activation
from ..store import Database

PAGE = "docs/alerts.md"
# fmt: off
TEXTS = Texts({
    "half":      ("{way} is misconfigured: {why}", "{way} está mal configurado: {why}"),
    "half_why":  ("nobody is told in this way when something needs attention",
                  "por esta vía no se avisa a nadie cuando algo requiere atención"),
    "half_do":   ("put that right, and start again: {page}", "corrígelo y reinicia: {page}"),
    "out":       ("they go out by {names}", "salen por {names}"),
    "nobody":    ("nobody is told when something needs attention", "no se avisa a nadie cuando algo requiere atención"),
    "nobody_why": ("InboundFlow may disable the webhook, or fall silent, and nobody sees it",
                   "InboundFlow puede desactivar el webhook, o dejar de enviar, y nadie lo ve"),
    "nobody_do": ("set ALERT_SLACK_WEBHOOK_URL, ALERT_SLACK_CHANNEL, ALERT_EMAIL or ALERT_URL: {page}",
                  "define ALERT_SLACK_WEBHOOK_URL, ALERT_SLACK_CHANNEL, ALERT_EMAIL o ALERT_URL: {page}"),
    "unsent":    ("{n} did not go out by {channel} since {since}: {problem}",
                  "{n} no salieron por {channel} desde {since}: {problem}"),
    "unsent_why": ("each is tried again for a day", "cada uno se reintenta durante un día"),
    "unsent_do": ("put that right, then: {command}", "corrígelo y después: {command}"),
})
# fmt: on


def check_ways(ways: Sequence[Activation]) -> Iterator[Finding]:
    """By the variables alone."""
    for way in ways:
        if way.state == "misconfigured":
            yield problem(
                "alerts",
                TEXTS("half", way=way.handler.name, why=way.why),
                why=TEXTS("half_why"),
                do=TEXTS("half_do", page=PAGE),
            )
    names = ", ".join(way.handler.name for way in ways if way.state == "on")
    if names:
        yield fine("alerts", TEXTS("out", names=names))
    elif not any(way.state == "misconfigured" for way in ways):
        yield advice(
            "alerts",
            TEXTS("nobody"),
            why=TEXTS("nobody_why"),
            do=TEXTS("nobody_do", page=PAGE),
        )


def check_unsent(db: Database) -> Iterator[Finding]:
    """Raises StoreError."""
    for each in unsent(db):
        yield problem(
            "alerts",
            TEXTS(
                "unsent",
                n=each.number,
                channel=each.channel.partition(" ")[0],
                since=stamp(each.since_us),
                problem=each.problem,
            ),
            why=TEXTS("unsent_why"),
            do=TEXTS("unsent_do", command=command("alert --test")),
        )
