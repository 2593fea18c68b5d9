"""A report as lines of text, for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..locales import ENGLISH, Locale, Text, Texts, joined, localized
from ..operations import ADVICE, OK, Destination, Finding, table
from .report import Report

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
    "off":         ("off: {names}", "desactivados: {names}"),
    "targets":     ("{n} targets", "{n} destinos"),
    "wait":        ("{n} wait", "{n} en espera"),
    "all":         ("all events", "todos los eventos"),
    "urgency":     ("{events}, urgency {levels} only", "{events}, solo urgencia {levels}"),
    "or":          (" or ", " o "),
})
# What a finding is about; whatever else it may be has the same name in every language.
NAMES = Texts({
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
    rest = [TEXTS("ok", what=name(check), message=check.message) for check in fine if check.what != "deliveries"]
    yield from ((line, "    ") for line in (["", *rest] if rest else []))


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
    """Those that are off, and for which nothing waits, are named in one line."""
    idle = [each for each in destinations if each.state == "off" and not each.waiting]
    shown = [row(destination) for destination in destinations if destination not in idle]
    heads = (TEXTS("destination"), TEXTS("state"), "", TEXTS("events"), "")
    rows = [[localized(cell, locale) for cell in cells] for cells in [heads, *shown]] if shown else []
    yield from ((line, "    ") for line in (["", *table(rows)] if rows else []))
    if idle:
        yield from (("", ""), (TEXTS("off", names=", ".join(map(title, idle))), "    "))


def title(destination: Destination) -> str:
    return destination.handler + (f" [{destination.source}]" if destination.source else "")


def row(destination: Destination) -> tuple[str, ...]:
    targets = TEXTS("targets", n=len(destination.targets)) if len(destination.targets) > 1 else ""
    state = destination.state
    return (
        title(destination),
        TEXTS(state) if state in ("on", "misconfigured") else state,
        ", ".join(destination.urls) or targets,
        events(destination) if state == "on" else "",
        TEXTS("wait", n=destination.waiting) if destination.waiting else "",
    )


def events(destination: Destination) -> Text | str:
    names = TEXTS("all") if destination.narrowed_to is None else ", ".join(destination.narrowed_to)
    if not destination.urgency:
        return names
    return TEXTS("urgency", events=names, levels=joined(TEXTS("or"), destination.urgency))
