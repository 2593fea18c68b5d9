"""The commands that say how a day went: the calls, what came of them, and where they arrived."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import click
from babel.dates import format_date

from .. import operations
from ..events import Event
from ..locales import Locale, Text, Texts, at, joined, localized
from ..operations import Call, Day, command, place_of
from ..store import Database
from .shared import as_json, of_source, read_by, the_handlers, the_inbox
from .text import echo, print_json, the_locale

NUMBERS = {"calls": "", "booked": "appointment.booked", "transferred": "call.transferred", "leads": "lead.created"}
Names = dict[tuple[int, ...], str]  # of a call's deliveries, who called
SHOWN = 20  # to be called back; more is a list for a page
# fmt: off
TEXTS = Texts({
    "over":        ("{day} ({zone})", "{day} ({zone})"),
    "so_far":      ("{day}, until {time} ({zone})", "{day}, hasta las {time} ({zone})"),
    "calls":       ("{n:=call|calls}", "{n:=llamada|llamadas}"),
    "booked":      ("booked an appointment", "{n:=cita reservada|citas reservadas}"),
    "transferred": ("transferred to somebody", "se {n:=transfirió|transfirieron} a alguien"),
    "leads":       ("{n:=new lead|new leads}", "{n:=nuevo interesado|nuevos interesados}"),
    "back":        ("to call back", "por llamar"),
    "none_today":  ("No calls yet today.", "Hoy todavía no hay llamadas."),
    "none":        ("No calls that day.", "Ese día no hubo llamadas."),
    "nowhere":     ("The calls are kept, and go nowhere: no destination was on. `{doctor}` lists them.",
                    "Las llamadas se guardan y no van a ninguna parte: ningún destino estaba activo. `{doctor}` los "
                    "muestra."),
    "dead":        ("{n:call|calls} did not arrive everywhere: `{doctor}` says what to do.",
                    "{n:llamada no llegó|llamadas no llegaron} a todas partes: `{doctor}` dice qué hacer."),
    "on_hold":     ("{n:call waits|calls wait} for a destination that is paused: `{doctor}` says what to do.",
                    "{n:llamada espera|llamadas esperan} un destino en pausa: `{doctor}` dice qué hacer."),
    "half_set":    ("{n:call waits|calls wait} for a destination that is not set up completely: `{doctor}` says what "
                    "is missing.",
                    "{n:llamada espera|llamadas esperan} un destino al que le falta configuración: `{doctor}` dice qué "
                    "falta."),
    "retrying":    ("{n:call is|calls are} being tried again. Nothing to do yet.",
                    "{n:llamada se reintenta|llamadas se reintentan}. Aún no tienes que hacer nada."),
    "waiting":     ("{n:call is on its|calls are on their} way.", "{n:llamada va en camino|llamadas van en camino}."),
    "all_good":    ("Everything arrived where it should.", "Todo llegó a donde debía."),
    "at_arrived":  ("{n} arrived", "{n:llegó|llegaron}"),
    "at_dead":     ("{n} did not arrive", "{n:no llegó|no llegaron}"),
    "at_on_hold":  ("{n} on hold", "{n} en pausa"),
    "at_half_set": ("{n} {n:=waits for its|wait for their} settings", "{n} {n:=espera|esperan} su configuración"),
    "at_retrying": ("{n} trying again", "{n} se {n:=reintenta|reintentan}"),
    "at_waiting":  ("{n} on {n:=its|their} way", "{n} en camino"),
    "at_skipped":  ("{n} not sent, by choice", "{n} no se {n:=envía|envían}, por elección"),
    "place":       ("  {place}: {states}", "  {place}: {states}"),
    "business":    ("  [{name}] {calls:call|calls}, {back} to call back",
                    "  [{name}] {calls:llamada|llamadas}, {back} por llamar"),
    "whom":        ("To call back:", "Por llamar:"),
    "call":        ("  {time}  {who}", "  {time}  {who}"),
    "more":        ("  and {n} more", "  y {n} más"),
    "how":         ("`{names}` says who they are, `{show}` what was said.",
                    "`{names}` dice quiénes son, `{show}` qué dijeron."),
    "unknown":     ("unknown caller", "sin nombre"),
})
# fmt: on


@click.command()
@click.option("--day", default="today", metavar="DAY", help="Another day: yesterday, or 2026-11-23.")
@click.option("--names", is_flag=True, help="Name who is to be called back, with the number: personal data.")
@of_source
@as_json
def today(day: str, names: bool, source: str | None, as_json: bool) -> None:
    """Say how the day went: how many calls came, what came of them, whom to call back, and whether all arrived.

    Days and times are the business's (BUSINESS_TIMEZONE). A call is to be called back where no appointment, no
    transfer and no lead came of it.
    """
    tell(day, names=names, source=source, as_json=as_json)


@click.command()
@click.option("--names", is_flag=True, help="Name who is to be called back, with the number: personal data.")
@of_source
@as_json
def yesterday(names: bool, source: str | None, as_json: bool) -> None:
    """Say how yesterday went, as `receiver today` says it of today."""
    tell("yesterday", names=names, source=source, as_json=as_json)


def tell(name: str, *, names: bool, source: str | None, as_json: bool) -> None:
    read_by(source)
    locale = the_locale()
    with the_inbox() as db:
        date = operations.read_day(name, db.now_us(), locale.zone)
        day = operations.day_of(db, the_handlers(), date, locale.zone, source=source)
        who = {call.deliveries: caller(db, call, locale) for call in day.to_call_back[:SHOWN]} if names else {}
    if as_json:
        return print_json(day.to_json())
    for line in describe_day(day, locale, who):
        echo(line)


def describe_day(day: Day, locale: Locale, who: Names) -> Iterator[Text | str]:
    yield heading(day, locale)
    if not day.calls:
        yield TEXTS("none") if day.is_over else TEXTS("none_today")
        return
    yield ""
    numbers = [(name, day.number(event) if event else len(day.calls)) for name, event in NUMBERS.items()]
    for name, number in [*numbers, ("back", len(day.to_call_back))]:
        yield joined("", [f"{number:5,}  ", TEXTS(name, n=number)])
    yield ""
    yield from arrivals(day)
    yield from businesses(day)
    if day.to_call_back:
        yield ""
        yield from call_backs(day, locale, who)


def heading(day: Day, locale: Locale) -> Text:
    name = format_date(day.day, "full", locale=locale.language)
    shown = name[:1].upper() + name[1:]
    if day.is_over:
        return TEXTS("over", day=shown, zone=day.zone)
    return TEXTS("so_far", day=shown, time=at(day.until_us, locale).strftime("%H:%M"), zone=day.zone)


def arrivals(day: Day) -> Iterator[Text]:
    """What needs somebody comes first; then each destination."""
    destinations = day.destinations()
    worst = next((state for state in operations.UNARRIVED if day.with_state(state)), "")
    if worst:
        yield TEXTS(worst, n=day.with_state(worst), doctor=command("doctor"))
    else:
        yield TEXTS("all_good") if destinations else TEXTS("nowhere", doctor=command("doctor"))
    for handler, states in destinations.items():
        counts = [TEXTS(f"at_{state}", n=number) for state, number in reversed(states.items()) if number]
        yield TEXTS("place", place=as_name(place_of(handler)), states=joined(", ", counts))


def businesses(day: Day) -> Iterator[Text | str]:
    """Where calls of several came: how many of each, the most first."""
    counts = Counter(call.source for call in day.calls).most_common()
    if len(counts) > 1:
        yield ""
        for source, number in counts[:SHOWN]:
            back = sum(call.source == source for call in day.to_call_back)
            name = source or operations.path_of("")
            yield TEXTS("business", name=name, calls=number, back=back)
    if len(counts) > SHOWN:
        yield TEXTS("more", n=len(counts) - SHOWN)


def as_name(place: str) -> Text:
    """As it begins a line."""
    return Text(lambda locale: localized(place, locale)[:1].upper() + localized(place, locale)[1:])


def call_backs(day: Day, locale: Locale, who: Names) -> Iterator[Text]:
    yield TEXTS("whom")
    for call in day.to_call_back[:SHOWN]:
        time = at(call.first_us, locale).strftime("%H:%M")
        yield TEXTS("call", time=time, who=joined("  ", filter(None, [who.get(call.deliveries, ""), call.call_id])))
    if len(day.to_call_back) > SHOWN:
        yield TEXTS("more", n=len(day.to_call_back) - SHOWN)
    if not who:
        names = "today --names" if not day.is_over else f"today --day {day.day} --names"
        yield TEXTS("how", names=command(names), show=command(f"show {day.to_call_back[0].call_id} --body"))


def caller(db: Database, call: Call, locale: Locale) -> str:
    from ..toolkit import one_line, shown_phone

    names = [name for event in operations.events_of(db, call) if (name := name_in(event))]
    name = one_line(names[0]) if names else localized(TEXTS("unknown"), locale)
    return "  ".join(filter(None, [name, shown_phone(call.phone) if call.phone else ""]))


def name_in(event: Event) -> str:
    return (event.caller_name or "").strip()
