"""The commands with which a destination is left alone for a while, and goes on."""

from __future__ import annotations

import sys

import click

from .. import operations
from ..locales import Text, Texts, joined, stamp
from ..operations import Paused, did_you_mean, label
from . import helps
from .shared import as_json, of_source, the_handlers, the_inbox
from .text import echo, print_json, print_table

# fmt: off
TEXTS = Texts({
    "heading": ("paused", "en pausa"),
    "since":   ("since", "desde"),
    "reason":  ("reason", "motivo"),
    "nothing": ("Nothing is paused.", "Nada está en pausa."),
    "held":    ("{lane} {how} ({reason}). {n:call report waits|call reports wait}.",
                "{lane} {how} ({reason}). {n:aviso espera|avisos esperan}."),
    "goes_on": ("{lane} goes on.", "{lane} continúa."),
    "not":     ("{name} is not paused; {others}.{meant}", "{name} no está en pausa; {others}.{meant}"),
    "others":  ("paused is {lanes}", "en pausa está {lanes}"),
    "none":    ("nothing is", "nada lo está"),
})
# fmt: on


@click.command()
@click.argument("handler", required=False, shell_complete=helps.handlers)
@click.argument("target", required=False)
@click.option("--reason", default="paused by hand", show_default=True, help="Shown wherever the pause is.")
@of_source
@as_json
def pause(handler: str | None, target: str | None, reason: str, source: str | None, as_json: bool) -> None:
    """Let the runs of HANDLER wait, for example slack, until it is resumed. Without HANDLER: what is paused.

    What is down, or asked to be left alone, is listed too: it goes on by itself.
    Deliveries are received and kept all the same. TARGET names one URL of several.
    """
    with the_inbox() as db:
        if handler:
            activations = the_handlers()
            name = operations.handler_among(activations, handler)
            operations.pause(db, activations, name, target, reason=reason, source=source)
        paused, held = operations.paused(db), operations.held(db)
    if as_json:
        return print_json({"paused": [pause.to_json() for pause in paused], "held": [hold.to_json() for hold in held]})
    rows = [(label(pause.lane), stamp(pause.since_us), pause.reason) for pause in paused]
    print_table([(TEXTS("heading"), TEXTS("since"), TEXTS("reason")), *rows] if rows else [])
    if not rows:
        echo(TEXTS("nothing"))
    for hold in held:
        echo(TEXTS("held", lane=label(hold.lane), how=hold.sentence, reason=hold.reason, n=hold.waiting))


@click.command()
@click.argument("handler", shell_complete=helps.handlers)
@click.argument("target", required=False)
@of_source
@as_json
def resume(handler: str, target: str | None, source: str | None, as_json: bool) -> None:
    """End the pause of HANDLER, for example slack, once what it paused for is fixed.

    A destination pauses when every next call would be refused too, such as after a token was revoked. The worker
    logs the reason. Its runs wait, and go on within seconds. TARGET names one URL of several.
    """
    with the_inbox() as db:
        before = operations.paused(db)
        name = operations.handler_named(handler, (pause.handler for pause in before))
        resumed = operations.resume(db, name, target, source=source)
    if as_json:
        print_json({"resumed": [operations.lane_to_json(lane) for lane in resumed]})
    elif resumed:
        for lane in resumed:
            echo(TEXTS("goes_on", lane=label(lane)))
    else:
        echo(not_paused(f"{handler} {target or ''}".rstrip(), before), err=True)
    if not resumed:
        sys.exit(1)


def not_paused(name: str, pauses: list[Paused]) -> Text:
    lanes = joined(", ", [label(pause.lane) for pause in pauses])
    return TEXTS(
        "not",
        name=name,
        others=TEXTS("others", lanes=lanes) if pauses else TEXTS("none"),
        meant=did_you_mean(name, [pause.handler for pause in pauses]),
    )
