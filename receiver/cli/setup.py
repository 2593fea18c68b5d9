"""The command that makes at a destination what its handler needs there."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from ..errors import HandlerError
from ..registry import Activation
from .shared import as_json, the_handlers
from .text import say_json


@click.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json
def setup(name: str, yes: bool, as_json: bool) -> None:
    """Make at destination NAME what is needed there once, such as custom properties at HubSpot.

    What is there already stays as it is, so it may be run again. On a terminal it asks first. Exit code 0 when all is
    there, 1 when the destination refuses (it says what to mend), 2 when NAME or its variables are wrong.
    """
    found = chosen(the_handlers(), name)
    if not yes and sys.stdin.isatty():
        click.confirm(
            f"This makes what is missing at {name}, in the account that its variables lead to. Go on?", abort=True
        )
    done: list[str] = []
    problem = carry_out(found, done, quiet=as_json)
    if as_json:
        say_json({"destination": name, "done": done, "problem": problem or None})
    elif problem:
        click.echo(f"receiver: {problem}", err=True)
    sys.exit(1 if problem else 0)


def chosen(activations: Sequence[Activation], name: str) -> Activation:
    """The destination of this name, if it is on. Raises UsageError where it is not, or has nothing to set up."""
    able = {one.handler.module: one for one in activations if one.handler.setup}
    if name not in able:
        known = ", ".join(sorted(able)) or "none"
        raise click.UsageError(f"{name} is no destination with something to set up. There are: {known}.")
    if able[name].state != "on":
        raise click.UsageError(f"{name} is {able[name].state}: {able[name].why}, then run this again.")
    return able[name]


def carry_out(activation: Activation, done: list[str], *, quiet: bool) -> str:
    """Set up each of its targets, and say each thing that was done; the problem that ended it, or ""."""
    assert activation.handler.setup  # noqa: S101 - for the type
    try:
        for settings in activation.targets.values():
            for line in activation.handler.setup(settings):
                done.append(line)
                if not quiet:
                    click.echo(line)
    except HandlerError as error:
        return str(error)
    return ""
