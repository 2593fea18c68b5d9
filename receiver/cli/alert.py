"""The command that shows by which ways somebody is told, and tries them."""

from __future__ import annotations

import os
import sys
import time

import click

from .. import operations, registry
from .. import settings as environment
from ..locales import Text, Texts
from ..operations import Way
from .shared import as_json
from .text import echo, print_json

# fmt: off
TEXTS = Texts({
    "way":           ("{name}: {state}", "{name}: {state}"),
    "why":           ("{name}: {state} ({why})", "{name}: {state} ({why})"),
    "sent":          ("sent", "enviada"),
    "on":            ("on", "activo"),
    "off":           ("off", "desactivado"),
    "misconfigured": ("misconfigured", "mal configurado"),
})
# fmt: on


@click.command()
@click.option("--test", "is_test", is_flag=True, help="Send a test alert by each way that is set.")
@as_json
def alert(is_test: bool, as_json: bool) -> None:
    """Show by which ways somebody is told when something needs attention, and try them.

    They are set by ALERT_SLACK_WEBHOOK_URL or ALERT_SLACK_CHANNEL, ALERT_EMAIL and ALERT_URL. Exit code 0 where each
    that is set is right, and with --test has taken the alert; 1 where one is not; 2 where none is set.
    """
    settings = environment.read(os.environ)
    ways = operations.ways_to_tell(registry.notifiers("handlers", os.environ))
    if is_test:
        ways = operations.tell_test(ways, settings.language, time.time_ns() // 1000)
    if as_json:
        print_json({"ways": [way.to_json() for way in ways]})
    else:
        for way in ways:
            echo(line(way, is_test))
    sys.exit(exit_code(ways))


def line(way: Way, is_test: bool) -> Text:
    """What is off is shown as well, with what turns it on."""
    if way.state == "on" and is_test:
        return TEXTS("way", name=way.name, state=way.problem or TEXTS("sent"))
    return TEXTS("why" if way.why else "way", name=way.name, state=TEXTS(way.state), why=way.why)


def exit_code(ways: list[Way]) -> int:
    if all(way.state == "off" for way in ways):
        return 2
    return int(any(way.problem or way.state == "misconfigured" for way in ways))
