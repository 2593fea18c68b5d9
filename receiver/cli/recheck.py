"""The command that verifies again what was refused."""

from __future__ import annotations

import os

import click

from .. import operations
from .. import settings as environment
from ..operations import Checked, Rechecked, moment, typed
from .shared import as_json, the_inbox
from .text import print_json, print_table

UNEXPLAINED = "no usual mistake explains it: a stranger's, or another secret"


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what would be taken in, and do nothing.")
@as_json
def recheck(dry_run: bool, as_json: bool) -> None:
    """Verify again what was refused, with the secrets that are set now, and take in what is genuine.

    Refused requests that look like InboundFlow's are kept aside for 7 days, the newest 200. After a wrong secret was
    put right, those that match become deliveries, each once; one that does not match never does. Their timestamps
    are compared with the time at which they came. Run it with the receiver's variables.
    """
    settings = environment.read(os.environ)
    with the_inbox() as db:
        rechecked = operations.recheck(db, settings, dry_run=dry_run)
    if as_json:
        return print_json(rechecked.to_json())
    rows = [
        (moment(request.received_us), request.delivery_id, request.event, request.reason, result(request, dry_run))
        for request in rechecked.requests
    ]
    print_table([("received (UTC)", "delivery", "event", "refused as", "now"), *rows] if rows else [])
    click.echo(summary(rechecked))


def result(request: Checked, dry_run: bool) -> str:
    if request.result == "left":
        return typed(" and ".join(map(str, request.mistakes))) or UNEXPLAINED
    if request.result == "duplicate":
        return "is kept already"
    return "would be taken in" if dry_run else "taken in"


def summary(rechecked: Rechecked) -> str:
    if not rechecked.requests:
        return "Nothing is kept aside."
    stored, duplicate, left = map(rechecked.count, ("stored", "duplicate", "left"))
    would = "would be " if rechecked.dry_run else ""
    return f"{stored} {would}taken in, {duplicate} kept already, {left} left aside." + (
        " Nothing was changed (--dry-run)." if rechecked.dry_run else ""
    )
