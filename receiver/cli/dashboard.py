"""The commands around the dashboard: a password for it, and the way back in."""

from __future__ import annotations

import os
import sys

import click

from .. import operations
from .. import settings as environment
from ..errors import ConfigurationError
from ..settings import PASSWORD_CHARS, Password, Settings


@click.command()
def password() -> None:
    """Make a line for DASHBOARD_PASSWORD that does not tell the password.

    Asks for a password twice, or reads one from a pipe. The line holds $ signs: put it in single quotes where a shell
    reads it.
    """
    from werkzeug.security import generate_password_hash

    typed = read_password()
    if len(typed) < PASSWORD_CHARS:
        raise click.UsageError(f"Take {PASSWORD_CHARS} characters or more: four words in a row are easy to keep.")
    click.echo(generate_password_hash(typed))


def read_password() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")


@click.command("dashboard-link")
@click.option("--url", help="The dashboard's address, such as https://calls.example.com (default: this machine's).")
def dashboard_link(url: str | None) -> None:
    """Print a link that signs in to the dashboard once, within 10 minutes: the way back in.

    It needs the DASHBOARD_PASSWORD of the receiver that runs, in the environment or, where `receiver up` made it, in
    DATA_DIR.
    """
    settings = environment.read(os.environ)
    password = settings.dashboard_password or made_password(settings)
    if not password:
        raise ConfigurationError(
            "DASHBOARD_PASSWORD is not set, so there is no dashboard: set one, or run `receiver up`."
        )
    base = (url or f"http://{settings.url_host}:{settings.port}").rstrip("/")
    click.echo(operations.make_link(password, base))


def made_password(settings: Settings) -> Password:
    try:
        return Password(settings.password_path.read_text().strip())
    except OSError:
        return Password()
