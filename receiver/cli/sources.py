"""Several businesses on one receiver: `receiver sources add|list|set|rotate|disable|enable|remove|apply|seal`."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Sequence
from pathlib import Path

import click

from .. import operations, registry
from .. import settings as environment
from ..errors import ConfigurationError
from ..operations import OVERLAP_S, moment
from .shared import as_json, confirm, the_inbox
from .text import print_json, print_table

WITHIN = "Every process of the receiver knows of it within 5 seconds."
NAME_VALUE = "NAME=VALUE"
secret_file = click.option(
    "--secret-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The signing secret, where InboundFlow has made it (default: one is made here).",
)


@click.group()
def sources() -> None:
    """Several businesses on one receiver, each with an address of its own.

    \b
    receiver sources add acme-dental SLACK_WEBHOOK_URL=https://hooks.slack.com/services/… BUSINESS_LANGUAGE=es
    Its deliveries then go to https://your-address/webhooks/inboundflow/acme-dental
    """


@sources.command()
@click.argument("name")
@click.argument("variables", nargs=-1, metavar=f"[{NAME_VALUE}]…")
@secret_file
@as_json
def add(name: str, variables: Sequence[str], secret_file: Path | None, as_json: bool) -> None:
    """Add a business: its address, its secret and its settings.

    The variables are those of the destinations' recipes, with BUSINESS_LANGUAGE, BUSINESS_TIMEZONE and BUSINESS_NAME.
    Its signing secret is printed once, and kept sealed.
    """
    routing = the_routing()
    with the_inbox(make=True) as db:
        made = operations.make_key(routing.settings)
        secret = operations.add_source(db, routing, name, secret=read_secret(secret_file), variables=pairs(variables))
    path = operations.path_of(name)
    if as_json:
        return print_json({"name": name, "path": path, "secret": None if secret_file else secret})
    if made:
        click.echo(f"The key that its secrets are sealed with is in {made}: keep a copy elsewhere.", err=True)
    click.echo(f"{name} is there. In InboundFlow, set the webhook's URL to https://your-address{path}")
    if not secret_file:
        click.echo(f"and its signing secret to {secret}")
    click.echo(WITHIN)


@sources.command("list")
@as_json
def list_(as_json: bool) -> None:
    """List the businesses, with their destinations and when each secret was added."""
    routing = the_routing()
    with the_inbox() as db:
        rows = operations.businesses(db, routing.settings)
    if as_json:
        return print_json({"sources": [row.to_json() for row in rows]})
    if not rows:
        click.echo("There is no source yet: receiver sources add NAME makes one.")
    heading = ("source", "state", "destinations", "secret added (UTC)", "also accepted")
    print_table([heading, *(table_row(row, routing) for row in rows)] if rows else [])


def table_row(row: operations.Business, routing: operations.Routing) -> tuple[str, ...]:
    on = [a for a in routing.of(row) if a.state != "off"]
    destinations = ", ".join(f"{a.handler.name}{'' if a.state == 'on' else ' (misconfigured)'}" for a in on)
    newest, *older = row.secrets
    until = ", ".join(f"until {moment(secret['until_us'])}" for secret in older if secret["until_us"])
    return row.name, "disabled" if row.disabled else "on", destinations, moment(newest["added_us"]), until


@sources.command("set")
@click.argument("name")
@click.argument("variables", nargs=-1, required=True, metavar=f"{NAME_VALUE}…")
def set_(name: str, variables: Sequence[str]) -> None:
    """Set variables of a business; NAME= takes one away."""
    routing = the_routing()
    with the_inbox() as db:
        operations.change_settings(db, routing, name, pairs(variables))
    click.echo(f"{name} is changed. {WITHIN}")


@sources.command()
@click.argument("name")
@secret_file
@click.option(
    "--overlap",
    "overlap_h",
    type=click.IntRange(0, 24 * 30),
    default=OVERLAP_S // 3600,
    show_default=True,
    metavar="HOURS",
    help="How long the secret before is accepted too; 0 where it has leaked.",
)
@as_json
def rotate(name: str, secret_file: Path | None, overlap_h: int, as_json: bool) -> None:
    """Give a business another signing secret; the one before is accepted for a while."""
    settings = environment.read(os.environ)
    with the_inbox() as db:
        secret = operations.rotate_secret(
            db, settings, name, secret=read_secret(secret_file), overlap_s=overlap_h * 3600
        )
    if as_json:
        return print_json({"name": name, "secret": None if secret_file else secret})
    click.echo("The new signing secret is the one in the file." if secret_file else f"The new signing secret: {secret}")
    click.echo(f"Set it in InboundFlow now: the one before is accepted for {overlap_h} h more. {WITHIN}")


@sources.command()
@click.argument("name")
def disable(name: str) -> None:
    """Receive nothing more for a business: its address answers 404, and its work waits."""
    with the_inbox() as db:
        operations.disable_source(db, name, disabled=True)
    click.echo(f"{name} is disabled, and InboundFlow will count its deliveries as failures. {WITHIN}")


@sources.command()
@click.argument("name")
def enable(name: str) -> None:
    """Receive for a disabled business again."""
    with the_inbox() as db:
        operations.disable_source(db, name, disabled=False)
    click.echo(f"{name} is on. {WITHIN}")


@sources.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask back.")
def remove(name: str, yes: bool) -> None:
    """Forget the secrets and settings of a disabled business, for good."""
    confirm(f"Forget the secrets and settings of {name}?", "It forgets them for good", yes)
    with the_inbox() as db:
        left = operations.remove_source(db, name)
    click.echo(f"{name} is removed. {left} of its deliveries stay in the inbox until they are pruned or erased.")


@sources.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
def apply(file: Path, dry_run: bool) -> None:
    """Bring the businesses to what a TOML file says, for those who keep it under version control.

    \b
    [acme-dental]
    secret = "env:ACME_SIGNING_SECRET"          # env:NAME is read from the environment, so that no secret is in it
    SLACK_WEBHOOK_URL = "env:ACME_SLACK"
    BUSINESS_LANGUAGE = "es"

    A business that is not in the file is left as it is.
    """
    routing = the_routing()
    wanted = read_file(file)
    with the_inbox(make=True) as db:
        if not dry_run:
            operations.make_key(routing.settings)
        for name, variables in wanted.items():
            click.echo(operations.apply_source(db, routing, name, variables, dry_run=dry_run))


@sources.command()
def seal() -> None:
    """Seal all secrets anew, after SECRET_KEY was changed and SECRET_KEY_PREVIOUS set to the one before."""
    settings = environment.read(os.environ)
    with the_inbox() as db:
        number = operations.seal_anew(db, settings)
    click.echo(f"{number} sealed with SECRET_KEY: SECRET_KEY_PREVIOUS can be removed.")


def read_file(file: Path) -> dict[str, dict[str, str]]:
    """Raises ConfigurationError for what is no such file, and for a variable that is not set."""
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except (UnicodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{file} is no TOML: {error}") from error
    if wrong := [name for name, table in tables.items() if not isinstance(table, dict)]:
        raise ConfigurationError(f"{file}: {wrong[0]} should be a table, [{wrong[0]}], with the source's variables.")
    return {
        name: {key: from_environment(name, key, str(value)) for key, value in table.items()}
        for name, table in tables.items()
    }


def from_environment(name: str, key: str, value: str) -> str:
    variable = value.removeprefix("env:")
    if variable == value:
        return value
    if not os.environ.get(variable, "").strip():
        raise ConfigurationError(f"{name}: {key} is to be read from {variable}, which is not set.")
    return os.environ[variable].strip()


def pairs(words: Sequence[str]) -> dict[str, str]:
    """Raises UsageError."""
    for word in words:
        if "=" not in word:
            raise click.UsageError(f"{word}: write it as {NAME_VALUE}.")
    return {name: value for name, _, value in (word.partition("=") for word in words)}


def read_secret(file: Path | None) -> str:
    return file.read_text(encoding="utf-8").strip() if file else ""


def the_routing() -> operations.Routing:
    return operations.Routing(environment.read(os.environ), registry.discover("handlers"), os.environ)
