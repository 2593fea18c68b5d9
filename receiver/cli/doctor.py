"""The command that says what is set up, what is not, and what to do about it."""

from __future__ import annotations

import os
import sys

import click

from .. import doctor as room
from .. import settings as environment
from ..errors import OperationError
from .shared import as_json, of_source, the_handlers
from .text import echo, print_json, sentence_of, the_locale


@click.command()
@click.option("--url", default="", metavar="URL", help="The public address, to be asked as InboundFlow will ask it.")
@click.option("--offline", is_flag=True, help="Ask neither Redis, nor the destinations, nor the public address.")
@of_source
@as_json
def doctor(url: str, offline: bool, source: str | None, as_json: bool) -> None:
    """Say what is set up, what each destination gets, and what needs your attention, with what to do.

    Asks the database, Redis and each destination, harmlessly: nothing is posted, and nothing is changed.
    It does not wait for what does not answer, and ends within 15 s.
    """
    try:
        room.check_address(url)
    except OperationError as error:
        raise click.BadParameter(sentence_of(error), param_hint="--url") from error
    settings = environment.read(os.environ)
    report = room.run_checks(settings, os.environ, the_handlers(), url=url, offline=offline, source=source)
    if as_json:
        print_json(report.to_json())
    else:
        for line, indent in room.lines(report, the_locale()):
            echo(line, indent=indent)
    sys.exit(1 if report.problems else 0)
