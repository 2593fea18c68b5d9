"""The receipt of an erasure: what went, and what lies elsewhere. It says nothing of who it was, but for calls' ids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..locales import Text, Texts, joined
from ..registry import Lane
from .documents import columns_to_json, lane_to_json
from .lanes import label


@dataclass(frozen=True, kw_only=True)
class ErasedDelivery:
    source: str
    key: str
    event: str
    call_id: str | None
    received_us: int


@dataclass(frozen=True, kw_only=True)
class Place:
    """What was brought to a destination, as its handler said, or may have been: an attempt did not succeed."""

    lane: Lane
    key: str
    outcome: str
    certain: bool
    deletable: bool = False  # its handler can delete it there, as it is set up now
    deleted: bool = False
    stays: str = ""  # once that is deleted: what people have to decide about, such as a contact
    why: Text | str = ""  # it was not deleted, although that was asked for
    owed: bool = False  # not yet: the next erasure at destinations tries again

    def to_json(self) -> dict[str, Any]:
        document = {name: value for name, value in asdict(self).items() if name != "lane"}
        return lane_to_json(self.lane) | document


@dataclass(frozen=True, kw_only=True)
class Erased:
    """What was erased, or would be with `dry_run`. Nothing in it says who it was, but for the ids of their calls."""

    deliveries: tuple[ErasedDelivery, ...]
    places: tuple[Place, ...]
    ended: int  # runs that waited, or were dead
    conflicts: int
    texts: int  # in the record of what people did, in pauses and in samples of rejections
    mentions: tuple[str, ...]  # keys of others' deliveries that name the number or the address: these stay
    copies: tuple[str, ...]  # files that may hold it too: these stay
    purged: bool  # nothing is left in free space and logs
    dry_run: bool
    at_destinations: bool = False  # that was asked for

    @property
    def is_empty(self) -> bool:
        """Whether nothing of theirs is kept."""
        return not (self.deliveries or self.conflicts or self.texts or self.mentions or self.places)

    @property
    def owed(self) -> tuple[Place, ...]:
        """What is to be deleted at destinations by the next erasure."""
        return tuple(place for place in self.places if place.owed)

    def to_json(self) -> dict[str, Any]:
        document = asdict(self) | {"deliveries": tuple(asdict(delivery) for delivery in self.deliveries)}
        return columns_to_json(document | {"places": [place.to_json() for place in self.places]})


# fmt: off
TEXTS = Texts({
    "nothing":   ("Nothing of theirs is kept here.", "Aquí no se guarda nada de esa persona."),
    "would":     ("Would be erased: {n:delivery|deliveries}.", "Se borrarían: {n:entrega|entregas}."),
    "erased":    ("Erased, but for their ids, events and times: {n:delivery|deliveries}.",
                  "Borradas, salvo su identificador, evento y horas: {n:entrega|entregas}."),
    "delivery":  ("  {key}  {event}  call {call}", "  {key}  {event}  llamada {call}"),
    "none":      ("(none)", "(nada)"),
    "with":      ("With them:", "Con ellas:"),
    "ended":     ("{n:run that waited or was|runs that waited or were} dead, ended as skipped",
                  "{n:envío pendiente o fallido|envíos pendientes o fallidos}, que {n:=termina|terminan} como "
                  "{n:=omitido|omitidos}"),
    "conflicts": ("{n:conflict|conflicts}", "{n:conflicto|conflictos}"),
    "texts":     ("{n:note, reason or sample|notes, reasons and samples} that named them",
                  "{n:nota, motivo o muestra|notas, motivos y muestras} que {n:=nombra|nombran} a la persona"),
    "deleted":   ("Deleted at destinations:", "Borrado en los destinos:"),
    "would_deleted": ("Would be deleted at destinations:", "Se borraría en los destinos:"),
    "owed":      ("At destinations, not deleted yet: the same command tries again.",
                  "En los destinos, sin borrar todavía: el mismo comando lo vuelve a intentar."),
    "places":    ("At destinations, to be deleted there:", "En los destinos, para borrar allí:"),
    "able":      ("{n} of these can be deleted from here, but only before: --at-destinations.",
                  "{n} de estos se {n:=puede|pueden} borrar desde aquí, pero solo antes: --at-destinations."),
    "stays":     ("stays, for you to decide: {what}", "se queda, decide tú: {what}"),
    "perhaps":   ("perhaps: no attempt is known to have succeeded",
                  "quizá: no consta que ningún intento tuviera éxito"),
    "mentions":  ("Their number or address is named in deliveries of others, which stay:",
                  "Su número o dirección aparece en entregas de otras personas, que se quedan:"),
    "copies":    ("Copies that may hold it too, to be deleted or left to age:",
                  "Copias que también pueden contenerlo, para borrar o dejar que caduquen:"),
    "elsewhere": ("The receiver does not reach these; look there yourself:",
                  "El receptor no llega a estos sitios; míralo tú:"),
    "inboundflow": ("InboundFlow: the call, its recording and its summary (in its panel, or its support)",
                    "InboundFlow: la llamada, su grabación y su resumen (en su panel, o su soporte)"),
    "calendar":  ("the calendar, if an appointment was booked", "el calendario, si se reservó una cita"),
    "people":    ("whoever got a message or a transfer, and wrote something down",
                  "quien recibió un mensaje o una transferencia y apuntó algo"),
    "again":     ("Somebody still reads the old content, so the database's log holds it: run this again in a minute.",
                  "Alguien lee todavía el contenido anterior, y el registro de la base de datos lo conserva: repítelo "
                  "en un minuto."),
})
# fmt: on


def receipt(erased: Erased) -> Iterator[Text | str]:
    """What was done, and what is left to do elsewhere, as lines of text."""
    if erased.is_empty:
        yield TEXTS("nothing")
        return
    yield TEXTS("would" if erased.dry_run else "erased", n=len(erased.deliveries))
    for each in erased.deliveries:
        event, call = each.event or TEXTS("none"), each.call_id or TEXTS("none")
        yield TEXTS("delivery", key=each.key, event=event, call=call)
    counted = (("ended", erased.ended), ("conflicts", erased.conflicts), ("texts", erased.texts))
    yield from listed("with", [TEXTS(name, n=number) for name, number in counted if number])
    yield from at_destinations(erased)
    yield from listed("elsewhere", [TEXTS(name) for name in ("inboundflow", "calendar", "people")])
    yield from listed("mentions", erased.mentions)
    yield from listed("copies", erased.copies)
    if not erased.purged:
        yield TEXTS("again")


def at_destinations(erased: Erased) -> Iterator[Text | str]:
    would = [place for place in erased.places if place.deletable and erased.at_destinations and erased.dry_run]
    done = [place for place in erased.places if place.deleted]
    by_hand = [place for place in erased.places if place not in (*would, *done, *erased.owed)]
    for heading, places in (("would_deleted", would), ("deleted", done), ("owed", erased.owed), ("places", by_hand)):
        yield from listed(heading, [place_line(place) for place in places])
    if erased.dry_run and (able := [place for place in by_hand if place.deletable]):
        yield joined("", ["  ", TEXTS("able", n=len(able))])


def place_line(place: Place) -> Text:
    """Where it is, what it is, and why it was not deleted or what is left of it."""
    stays = TEXTS("stays", what=place.stays) if place.stays else ""
    parts = [label(place.lane), place.key, place.outcome or TEXTS("perhaps"), place.why, stays]
    return joined("  ", filter(None, parts))


def listed(heading: str, items: Sequence[str]) -> Iterator[Text | str]:
    if items:
        yield TEXTS(heading)
        yield from (joined("", ["  ", item]) for item in items)
