"""Who may read deliveries by the API: `receiver tokens add|list|remove`."""

from __future__ import annotations

import click

from .. import operations
from ..operations import moment
from .shared import as_json, confirm, the_inbox
from .sources import WITHIN
from .text import print_json, print_table


@click.group()
def tokens() -> None:
    """Let partners read deliveries by the API, each with a token of its own (docs/api.md).

    \b
    receiver tokens add "Acme's warehouse" --source acme-dental
    curl -H "Authorization: Bearer ifr_…" https://your-address/api/deliveries
    """


@tokens.command()
@click.argument("name")
@click.option("--source", default="", metavar="NAME", help="Of this one of several businesses.")
@as_json
def add(name: str, source: str, as_json: bool) -> None:
    """Make a token that reads the deliveries of one business; NAME says who has it.

    Without --source it is the business of the plain address, /webhooks/inboundflow. The token is printed once.
    """
    with the_inbox(make=True) as db:
        token = operations.add_token(db, name, source=source)
    if as_json:
        return print_json({"name": name, "source": source, "token": token})
    click.echo(token)
    click.echo(f"It is shown this once. {WITHIN}", err=True)


@tokens.command("list")
@as_json
def list_(as_json: bool) -> None:
    """List the tokens, with their business and when each was last used."""
    with the_inbox() as db:
        rows = operations.tokens(db)
    if as_json:
        return print_json({"tokens": [row.to_json() for row in rows]})
    if not rows:
        return click.echo('There is no token yet, and so no API: receiver tokens add "NAME" makes one.')
    heading = ("id", "name", "source", "made (UTC)", "last used (UTC)")
    cells = [(t.id, t.name, t.source, moment(t.created_us), moment(t.used_us) if t.used_us else "never") for t in rows]
    print_table([heading, *cells])


@tokens.command()
@click.argument("id")
@click.option("--yes", is_flag=True, help="Do not ask back.")
def remove(id: str, yes: bool) -> None:
    """Take a token back, by the id that the list shows."""
    confirm(f"Take the token {id} back?", "Whoever has it reads nothing any more", yes)
    with the_inbox() as db:
        removed = operations.remove_token(db, id)
    click.echo(f"The token of {removed.name} is no longer accepted. {WITHIN}")
