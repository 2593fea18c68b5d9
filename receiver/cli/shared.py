"""What the commands share: the inbox and the handlers they work on, and the options that select deliveries and runs."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import click

from .. import registry, store
from .. import settings as environment
from ..errors import ConfigurationError
from ..operations.find import STATES, Listing, Selection
from ..registry import Activation
from ..store import MOVED, was_moved
from .text import as_called

SPAN_US = {"s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000, "w": 604_800_000_000}
Command = Callable[..., Any]


as_json = click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")


@contextlib.contextmanager
def the_inbox() -> Iterator[store.Database]:
    """The database of the receiver that runs with these variables. Raises ConfigurationError where there is none."""
    settings = environment.read(os.environ)
    environment.check_database(settings)
    if not settings.database_url and not settings.database_path.exists():
        raise ConfigurationError(
            f"There is no inbox at {settings.database_path}: set DATA_DIR or DATABASE_URL as for `receiver up`."
        )
    with contextlib.closing(store.connect(settings)) as db:
        store.ensure_schema(db)
        if db.commit(was_moved):
            click.echo(f"{MOVED} This is the file as it was closed.", err=True)
        yield db


def confirmed(question: str, because: str, yes: bool) -> None:
    """Ends the command where nobody agrees; a script has to have said so beforehand."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError(f"{because}: confirm with --yes, or look first with --dry-run.")
    click.confirm(question, abort=True)


def the_handlers() -> Sequence[Activation]:
    return registry.activate(registry.load("handlers"), os.environ)


def selecting(command: Command) -> Command:
    """The options that select deliveries and runs."""
    for option in reversed(
        (
            click.option("--event", default="", help="Of this kind, for example call.completed."),
            click.option("--call", "call_id", default="", metavar="ID", help="Of this call."),
            click.option("--handler", default="", help="With a run of this handler, for example slack.post."),
            click.option("--target", default=None, help="At this one of a handler's several targets."),
            click.option("--state", type=click.Choice(STATES), help="With a run in this state."),
            click.option("--since", metavar="TIME", help="Received since: 2h, 3d, 2026-11-24 or 2026-11-24T09:30Z."),
            click.option("--until", metavar="TIME", help="Received before that time."),
        )
    ):
        command = option(command)
    return command


def selection(
    db: store.Database, *, since: str | None, until: str | None, state: str | None, **wishes: Any
) -> Selection:
    now_us = db.now_us()
    return Selection(
        since_us=time_us(since, now_us) if since else None,
        until_us=time_us(until, now_us) if until else None,
        state=state or "",
        **wishes,
    )


def time_us(text: str, now_us: int) -> int:
    """A span back from now, or a moment in ISO 8601, which is in UTC where it does not say."""
    if span := re.fullmatch(r"(\d{1,6})([smhdw])", text.strip()):
        return now_us - int(span[1]) * SPAN_US[span[2]]
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise click.UsageError(f"{text} is not a time: write 2h, 3d, 2026-11-24 or 2026-11-24T09:30Z.") from None
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() * 1e6)


def named(listing: Listing, name: str, *, one: bool = False) -> list[str]:
    """The keys that are meant; ends the command where there are none, or where the beginning is not of `one` only."""
    keys = listing.named(name) if name else []
    if not keys:
        click.echo(
            as_called(f"There is no delivery and no call {name}. `receiver deliveries` lists what there is."), err=True
        )
        sys.exit(1)
    if one and len(keys) > 1 and all(key.startswith(name) for key in keys):
        raise click.UsageError(f"{name} begins the ids of several: {', '.join(keys[:3])}, … Write more of the one.")
    return keys
