"""A report as lines of text, for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..locales import ENGLISH, Locale, Text, Texts, joined, localized
from ..operations import ADVICE, OK, Destination, Finding, table
from .report import Report

SHOWN = 20  # businesses whose destinations have a line each; of more, each handler has one for all of them
Line = tuple[str, str]  # a line, and what stands before the rest of it where it is broken
# fmt: off
TEXTS = Texts({
    "attention":   ("{n:thing needs|things need} your attention:",
                    "{n:asunto requiere|asuntos requieren} tu atención:"),
    "fine":        ("Nothing needs your attention.", "Nada requiere tu atención."),
    "advice":      ("(advice) {what}", "(consejo) {what}"),
    "ok":          ("ok: {what}: {message}", "bien: {what}: {message}"),
    "destination": ("destination", "destino"),
    "state":       ("state", "estado"),
    "events":      ("events", "eventos"),
    "on":            ("on", "activo"),
    "misconfigured": ("misconfigured", "mal configurado"),
    "state_off":   ("off", "desactivado"),
    "off":         ("off: {names}", "desactivados: {names}"),
    "off_at_all":  ("off at every business: {names}", "desactivados en todos los negocios: {names}"),
    "at":          ("{handler} [{n:business|businesses}]", "{handler} [{n:negocio|negocios}]"),
    "ok_at":       ("ok: {handler}: as it should be at {n:business|businesses}",
                    "bien: {handler}: como debe ser en {n:negocio|negocios}"),
    "targets":     ("{n} targets", "{n} destinos"),
    "wait":        ("{n} wait", "{n} en espera"),
    "all":         ("all events", "todos los eventos"),
    "urgency":     ("{events}, urgency {levels} only", "{events}, solo urgencia {levels}"),
    "or":          (" or ", " o "),
})
# What a finding is about; whatever else it may be has the same name in every language.
NAMES = Texts({
    "alerts":        ("alerts", "alertas"),
    "certificate":   ("certificate", "certificado"),
    "clock":         ("clock", "reloj"),
    "database":      ("database", "base de datos"),
    "http:// address": ("http:// address", "dirección http://"),
    "kept aside":    ("kept aside", "apartadas"),
    "lives":         ("lives", "vidas"),
    "public URL":    ("public URL", "dirección pública"),
    "refused":       ("refused", "rechazadas"),
    "signing secret": ("signing secret", "secreto de firma"),
    "variables":     ("variables", "variables"),
    "worker":        ("worker", "worker"),
})
# fmt: on


def lines(report: Report, locale: Locale = ENGLISH) -> Iterator[Line]:
    """What needs attention, advice, when the last delivery came, the destinations, and what is as it should be."""
    for text, indent in of_report(report, locale):
        yield localized(text, locale), indent


def of_report(report: Report, locale: Locale) -> Iterator[Line]:
    yield (TEXTS("attention", n=len(report.problems)) if report.problems else TEXTS("fine")), ""
    for finding in report.problems:
        yield from of_finding(name(finding), finding)
    for finding in report.checks:
        if finding.severity == ADVICE:
            yield from of_finding(TEXTS("advice", what=name(finding)), finding)
    fine = [check for check in report.checks if check.severity == OK]
    for check in fine:
        if check.what == "deliveries":
            words = as_sentence(localized(check.message, locale))
            yield from [(f"[{check.source}] {words}", "  ")] if check.source else [("", ""), (words, "  ")]
    yield from of_destinations(report.destinations, locale)
    rest = list(as_it_should_be([check for check in fine if check.what != "deliveries"]))
    yield from ((line, "    ") for line in (["", *rest] if rest else []))


def as_it_should_be(fine: Sequence[Finding]) -> Iterator[Text]:
    of_businesses = [check for check in fine if check.source]
    is_joined = len({check.source for check in of_businesses}) > SHOWN
    for check in fine:
        if not (is_joined and check.source):
            yield TEXTS("ok", what=name(check), message=check.message)
    if is_joined:
        handlers = {(check.what.split()[0], check.source) for check in of_businesses}
        for handler, number in sorted(Counter(handler for handler, _ in handlers).items()):
            yield TEXTS("ok_at", handler=handler, n=number)


def as_sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."


def of_finding(what: str, finding: Finding) -> Iterator[Line]:
    yield "", ""
    yield joined(": ", [what, finding.message]), "  "
    if finding.why:
        yield joined("", ["  ", finding.why]), "  "
    yield joined("", ["  → ", finding.do]), "    "


def name(finding: Finding) -> str:
    """With the business that it is of, where the thing does not name it."""
    named = NAMES(finding.what) if finding.what in NAMES.table else finding.what
    suffix = f"[{finding.source}]"
    return named if not finding.source or finding.what.endswith(suffix) else joined(" ", [named, suffix])


def of_destinations(destinations: Sequence[Destination], locale: Locale) -> Iterator[Line]:
    """Those that are off at every business, and for which nothing waits, are named in one line."""
    busy = [each for each in destinations if each.state != "off" or each.waiting]
    idle = dict.fromkeys(each.handler for each in destinations)
    for each in busy:
        idle.pop(each.handler, None)
    sources = {each.source for each in destinations}
    own, others = [each for each in busy if not each.source], [each for each in busy if each.source]
    shown = [*map(row, own), *(joined_rows(others) if len(sources) > SHOWN else map(row, others))]
    heads = (TEXTS("destination"), TEXTS("state"), "", TEXTS("events"), "")
    rows = [[localized(cell, locale) for cell in cells] for cells in [heads, *shown]] if shown else []
    yield from ((line, "    ") for line in (["", *table(rows)] if rows else []))
    if idle:
        yield from (("", ""), (TEXTS("off_at_all" if len(sources) > 1 else "off", names=", ".join(idle)), "    "))


def joined_rows(destinations: Sequence[Destination]) -> Iterator[tuple[str, ...]]:
    """One for all businesses where a handler stands alike and gets the same; which of them need somebody is above."""
    groups: dict[tuple[object, ...], list[Destination]] = {}
    for each in destinations:
        groups.setdefault((each.handler, each.state, each.narrowed_to, each.urgency), []).append(each)
    for first, *more in groups.values():
        together = replace(first, urls=(), targets=(), waiting=sum(each.waiting for each in (first, *more)))
        yield TEXTS("at", handler=first.handler, n=1 + len(more)), *row(together)[1:]


def title(destination: Destination) -> str:
    return destination.handler + (f" [{destination.source}]" if destination.source else "")


def row(destination: Destination) -> tuple[str, ...]:
    targets = TEXTS("targets", n=len(destination.targets)) if len(destination.targets) > 1 else ""
    state = destination.state
    return (
        title(destination),
        TEXTS("state_off" if state == "off" else state),
        joined(", ", destination.urls) or targets,
        events(destination) if state == "on" else "",
        TEXTS("wait", n=destination.waiting) if destination.waiting else "",
    )


def events(destination: Destination) -> Text | str:
    names = TEXTS("all") if destination.narrowed_to is None else ", ".join(destination.narrowed_to)
    if not destination.urgency:
        return names
    return TEXTS("urgency", events=names, levels=joined(TEXTS("or"), destination.urgency))
