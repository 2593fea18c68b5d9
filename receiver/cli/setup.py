"""The command that makes at a destination what its handler needs there."""

from __future__ import annotations

import sys

import click

from .. import operations
from ..errors import HandlerError
from .shared import as_json, the_handlers
from .text import print_json


@click.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json
def setup(name: str, yes: bool, as_json: bool) -> None:
    """Make at destination NAME what is needed there once, such as custom properties at HubSpot.

    What is there already stays as it is, so it may be run again. On a terminal it asks first.
    """
    activation = operations.to_be_set_up(the_handlers(), name)
    if not yes and sys.stdin.isatty():
        click.confirm(
            f"This makes what is missing at {name}, in the account that its variables lead to. Go on?", abort=True
        )
    lines: list[str] = []
    problem = None
    try:
        for line in operations.set_up(activation):
            lines.append(line)
            if not as_json:
                click.echo(line)
    except HandlerError as error:
        problem = str(error)
    if as_json:
        print_json({"destination": name, "done": lines, "problem": problem})
    elif problem:
        click.echo(f"receiver: {problem}", err=True)
    sys.exit(1 if problem is not None else 0)
