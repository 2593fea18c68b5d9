"""The commands with which somebody looks at what came."""

from __future__ import annotations

from typing import Any

import click

from .. import operations
from ..operations import Page, describe, moment, states
from .shared import as_json, of_source, selecting, the_inbox
from .text import print_json, print_table


@click.command()
@selecting
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="The newest so many.")
@click.option(
    "--before", default="", metavar="PLACE", help="The next page: from the place that the last one ends with."
)
@as_json
def deliveries(limit: int, before: str, as_json: bool, **criteria: Any) -> None:
    """List what was received, newest first, with the state of each run.

    Names, numbers and what was said are not shown: `receiver show KEY --body` shows them.
    """
    with the_inbox() as db:
        page = operations.page(db, operations.select(db, **criteria), limit=limit, before=before)
    if as_json:
        return print_json(page.to_json())
    rows = [
        (moment(delivery.received_us), delivery.key, delivery.event, delivery.call_id or "-", states(delivery),
         delivery.source)
        for delivery in page.deliveries
    ]  # fmt: skip
    source = "source" if any(delivery.source for delivery in page.deliveries) else ""
    print_table([("received (UTC)", "delivery", "event", "call", "runs", source), *rows] if rows else [])
    print_rest(page, before)


def print_rest(page: Page, before: str) -> None:
    """How many there are besides those of the page, and how to see them."""
    if not page.next:
        if not page.deliveries:
            click.echo("Nothing older was received that matches." if before else "Nothing was received that matches.")
        return
    if page.more:
        number = f"of {'more than' if page.total >= operations.COUNTED else 'at least'} {page.total:,}"
    else:
        number = "and older ones" if before else f"and {page.total - len(page.deliveries)} older"
    click.echo(f"… {number}. --limit shows more, --before {page.next} the next page.")


@click.command()
@click.argument("name", metavar="KEY")
@click.option("--body", is_flag=True, help="What InboundFlow sent, too: it holds callers' personal data.")
@of_source
@as_json
def show(name: str, body: bool, source: str | None, as_json: bool) -> None:
    """Show one delivery with its runs and every attempt. KEY is its id, the beginning of one, or a call's id."""
    with the_inbox() as db:
        shown = [operations.show(db, named.id) for named in operations.named(db, name, source=source)]
    if as_json:
        return print_json({"deliveries": [delivery.to_json(body=body) for delivery in shown]})
    click.echo("\n\n".join("\n".join(describe(delivery, body=body)) for delivery in shown))
