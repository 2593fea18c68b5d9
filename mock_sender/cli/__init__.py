"""The mock sender's command line."""

from __future__ import annotations

import io
import sys
from typing import Any

import click

from .. import __version__
from ..conformance.command import conformance
from ..panel.command import panel
from . import account, day, looking, played, sending


class Commands(click.Group):
    def main(self, *arguments: Any, **options: Any) -> Any:
        """A sign that the terminal's locale does not have is written as an escape, and is no error."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        return super().main(*arguments, **options)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version=__version__, prog_name="mock-sender")
def main() -> None:
    """Sends webhooks the way InboundFlow does: signed, with every documented header, and 10 seconds to answer.

    \b
    Once, to any address:
      mock-sender call --to http://127.0.0.1:8000/webhooks/inboundflow --secret-file var/signing_secret
    As InboundFlow's customers have it, with a count of failures that disables the webhook at ten:
      mock-sender connect http://127.0.0.1:8000/webhooks/inboundflow --secret-file var/signing_secret
      mock-sender test
      mock-sender traffic --business dental --speed 600
      mock-sender status
    """


for command in (
    *sending.COMMANDS,
    *account.COMMANDS,
    *looking.COMMANDS,
    *day.COMMANDS,
    *played.COMMANDS,
    conformance,
    panel,
):
    main.add_command(command)
