"""What the list of commands says of each, and with which code a command ends."""

from __future__ import annotations

from collections.abc import Iterable

import click
from click.shell_completion import CompletionItem

from ..events import EVENTS

SHORT = {  # whole at 80 columns
    "alert": "Show who is told of trouble, and try it.",
    "cancel": "End what waits or is dead, without sending it.",
    "copy": "Move the inbox to Postgres while the receiver works.",
    "dashboard-link": "Print a link that signs in once.",
    "deliveries": "List what was received, call by call.",
    "doctor": "Say what needs your attention, and what to do.",
    "erase": "Erase a person from all that is kept.",
    "jobs": "List what was sent again, stop it, go on.",
    "migrate": "Bring a Postgres to this version's tables.",
    "new": "Begin a handler: its file, test and recipe.",
    "password": "Make a line for DASHBOARD_PASSWORD.",
    "pause": "Let a destination wait, or list what is paused.",
    "people": "Say who may use the dashboard, and as what.",
    "prune": "Remove what is old.",
    "recheck": "Take in what was refused by mistake.",
    "replay": "Send again what did not arrive.",
    "resume": "Let a paused destination go on.",
    "setup": "Make at a destination what it needs once.",
    "show": "Show a call, or a delivery, with every attempt.",
    "sources": "Receive for several businesses.",
    "today": "Say how today went: calls, and where they arrived.",
    "tokens": "Let partners read deliveries by the API.",
    "up": "Run everything on this machine.",
    "web": "Run the web process alone.",
    "worker": "Run the worker alone.",
    "yesterday": "Say how yesterday went.",
}
ONE = {  # what code 1 says; of the others, that the inbox does not answer
    "copy": "the two sides differ still",
    "doctor": "something needs your attention",
    "erase": "nothing of theirs is kept, or the log or a destination holds some still: run it again",
    "resume": "it was not paused",
    "setup": "the destination refuses: it says what to fix",
    "show": "there is no such call or delivery",
    "up": "a program that it runs cannot go on",
}
CODES = "Exit codes: 0 done; 1 {one}; 2 an option or a variable cannot be used."


def helpful(command: click.Command, name: str) -> click.Command:
    """The command with its short help, and its exit codes below the long one."""
    command.short_help = command.short_help or SHORT.get(name)
    command.epilog = command.epilog or CODES.format(one=ONE.get(name, "the inbox does not answer, or you said no"))
    return command


def handlers(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """For a shell that completes the name of a handler."""
    from .shared import the_handlers

    return matching((activation.handler.name for activation in the_handlers()), incomplete)


def events(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return matching(EVENTS, incomplete)


def times(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return matching(("today", "yesterday", "2h", "7d"), incomplete)


def matching(names: Iterable[str], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]
