"""The commands with which somebody looks at what came."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import click

from .. import operations
from ..events import EVENTS
from ..locales import Text, Texts, at, joined
from ..operations import ListedCall, Page, Selection, describe, did_you_mean, events_text, place_text, standing_text
from .shared import as_json, of_source, read_by, selecting, the_handlers, the_inbox
from .text import can_print, columns, echo, print_json, print_table, the_locale

# Characters of an id of a call, and of a delivery, in a terminal; or as many more as tell those of a page apart.
SHORT_ID, SHORT_KEY = 12, 8
# fmt: off
TEXTS = Texts({
    "received": ("received ({zone})", "recibida ({zone})"),
    "times":    ("Times are those of {zone}.", "Las horas son de {zone}."),
    "state":    ("state", "estado"),
    "call":     ("call", "llamada"),
    "what":     ("what", "qué"),
    "keys":     ("deliveries", "entregas"),
    "where":    ("where it went", "a dónde llegó"),
    "delivery": ("(no call) {key}", "(sin llamada) {key}"),
    "nothing":  ("Nothing was received that matches.{meant}", "No se recibió nada que coincida.{meant}"),
    "no_older": ("Nothing older was received that matches.", "No se recibió nada anterior que coincida."),
    "of":       ("of {n}", "de {n}"),
    "of_over":  ("of more than {n}", "de más de {n}"),
    "of_least": ("of at least {n}", "de al menos {n}"),
    "older":    ("and {n:older delivery|older deliveries}", "y {n:entrega anterior|entregas anteriores}"),
    "others":   ("and older ones", "y otras anteriores"),
    "rest":     ("… {number}. --limit shows more, --before {place} the next page.",
                 "… {number}. --limit muestra más, --before {place} la página siguiente."),
})
# fmt: on


@click.command()
@selecting
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=20,
    show_default=True,
    help="The newest so many calls; with --json, deliveries.",
)
@click.option(
    "--before", default="", metavar="PLACE", help="The next page: from the place that the last one ends with."
)
@as_json
def deliveries(limit: int, before: str, as_json: bool, **criteria: Any) -> None:
    """List what was received, newest first, call by call, with where it went and why it did not get there.

    After each event stands the beginning of that delivery's id: `receiver show`, `replay` and `cancel` take it, or the
    call's. Names, numbers and what was said are not shown: `receiver show KEY --body` shows them.
    """
    read_by(criteria["source"])
    with the_inbox() as db:
        selection = operations.select(db, **criteria)
        look = operations.page if as_json else operations.page_of_calls
        page = look(db, selection, limit=limit, before=before)
    if as_json:
        return print_json(page.to_json())
    print_calls(operations.by_call(page.deliveries, selection))
    print_rest(page, before, selection)


def print_calls(calls: Sequence[ListedCall]) -> None:
    """In a terminal with short ids and times, so that most calls fit a line; else nothing is shortened."""
    if not calls:
        return
    zone = str(the_locale().zone)
    if columns():
        echo(TEXTS("times", zone=zone))
        lengths = apart([id_of(call) for call in calls], SHORT_ID), apart(all_keys(calls), SHORT_KEY)
        return print_table([short_row(call, *lengths) for call in calls])
    heads = (TEXTS("received", zone=zone), *map(TEXTS, ("state", "call", "what", "keys", "where")))
    print_table([heads, *map(row, calls)])


def row(call: ListedCall) -> tuple[str, ...]:
    received = at(call.received_us, the_locale()).strftime("%Y-%m-%d %H:%M:%S")
    what, keys = joined(",", call.events), joined(",", call.keys)
    return received, standing_text(call.state), name(call, len(id_of(call))), what, keys, where(call)


def short_row(call: ListedCall, length: int, key_length: int) -> tuple[str, ...]:
    received = at(call.received_us, the_locale()).strftime("%m-%d %H:%M")
    what = joined(": ", filter(None, [what_came(call, key_length), where(call)]))
    return received, standing_text(call.state), name(call, length), what


def what_came(call: ListedCall, length: int) -> Text:
    """Each event with its delivery's id, where the line does not begin with that."""
    if not call.call_id:
        return events_text(call.events)
    pairs = zip(call.events, call.keys, strict=True)
    return joined(", ", [joined(" ", (events_text([event]), key[:length])) for event, key in pairs])


def name(call: ListedCall, length: int) -> str:
    """By which `receiver show` finds it."""
    shown = id_of(call)[:length]
    return f"{shown} [{call.source}]" if call.source else shown


def id_of(call: ListedCall) -> str:
    return call.call_id or call.keys[0]


def all_keys(calls: Iterable[ListedCall]) -> list[str]:
    return [key for call in calls for key in call.keys]


def apart(ids: Iterable[str], least: int) -> int:
    """How many characters tell these ids apart."""
    whole = set(ids)
    longest = max(map(len, whole))
    return next((n for n in range(least, longest) if len({each[:n] for each in whole}) == len(whole)), longest)


def where(call: ListedCall) -> Text:
    marks = can_print("".join(operations.MARKS.values()))
    return joined(", ", [place_text(place, marks=marks) for place in call.places])


def print_rest(page: Page, before: str, selection: Selection) -> None:
    """How many there are besides those of the page, and how to see them."""
    if page.next:
        echo(TEXTS("rest", number=number(page, before), place=page.next))
    elif not page.deliveries:
        echo(TEXTS("no_older") if before else TEXTS("nothing", meant=joined("", meant(selection))))


def number(page: Page, before: str) -> Text:
    if page.more:
        return TEXTS("of_over" if page.total >= operations.COUNTED else "of_least", n=page.total)
    return TEXTS("others") if before else TEXTS("older", n=page.total - len(page.deliveries))


def meant(selection: Selection) -> Iterator[Text | str]:
    """Where nothing matches, a name may be mistyped."""
    handlers = [activation.handler.name for activation in the_handlers()] if selection.handler else []
    if selection.handler not in handlers:
        yield did_you_mean(selection.handler, handlers)
    if selection.event and selection.event not in EVENTS:
        yield did_you_mean(selection.event, EVENTS)


@click.command()
@click.argument("name", metavar="KEY")
@click.option("--body", is_flag=True, help="What InboundFlow sent, too: it holds callers' personal data.")
@of_source
@as_json
def show(name: str, body: bool, source: str | None, as_json: bool) -> None:
    """Show a call, or one delivery, with every attempt at each destination.

    KEY is the id of a call or of a delivery, or as much of its beginning as no other has.
    """
    read_by(source)
    with the_inbox() as db:
        shown = [operations.show(db, named.id) for named in operations.resolve(db, name, source=source)]
    if as_json:
        return print_json({"deliveries": [delivery.to_json(body=body) for delivery in shown]})
    if len(shown) > 1:
        print_calls(operations.by_call(sorted(shown, key=lambda each: -each.received_us), Selection()))
        click.echo()
    for number, delivery in enumerate(shown):
        click.echo("\n" if number else "", nl=False)
        for line in describe(delivery, body=body):
            echo(line, indent=" " * 14)
