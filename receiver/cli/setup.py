"""The command that makes at a destination what its handler needs there."""

from __future__ import annotations

import sys

import click

from .. import operations
from ..errors import HandlerError
from ..locales import Texts
from .shared import as_json, of_source, the_handlers
from .text import echo, for_people, print_json

# fmt: off
TEXTS = Texts({
    "confirm": ("This makes what is missing at {name}, in the account that its variables lead to. Go on?",
                "Esto crea lo que falte en {name}, en la cuenta de sus variables. ¿Continuar?"),
})
# fmt: on


@click.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@of_source
@as_json
def setup(name: str, yes: bool, source: str | None, as_json: bool) -> None:
    """Make at destination NAME what is needed there once, such as custom properties at HubSpot.

    What is there already stays as it is, so it may be run again. On a terminal it asks first.
    """
    activation = operations.to_be_set_up(the_handlers(), name, source=source)
    if not yes and sys.stdin.isatty():
        click.confirm(for_people(TEXTS("confirm", name=name)), abort=True)
    lines: list[str] = []
    problem = None
    try:
        for line in operations.set_up(activation):
            lines.append(line)
            if not as_json:
                echo(line)
    except HandlerError as error:
        problem = str(error)
    if as_json:
        print_json({"destination": name, "done": lines, "problem": problem})
    elif problem:
        echo(f"receiver: {problem}", err=True)
    sys.exit(1 if problem is not None else 0)
