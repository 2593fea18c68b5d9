"""What `receiver doctor` prints for people: at a terminal in lines of 80 columns, into a file as they are."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

from ..doctor import Finding
from .text import as_called, table

COLUMNS = 80  # the least that a terminal has


class Page:
    """Lines of text; `columns` 0 leaves them whole, for whoever searches them."""

    def __init__(self, columns: int | None = None) -> None:
        self.columns = (COLUMNS if sys.stdout.isatty() else 0) if columns is None else columns

    def say(
        self, found: Sequence[Mapping[str, Any]], findings: Sequence[Mapping[str, str]], checks: Sequence[Finding]
    ) -> None:
        self.lines(table([("destination", "state", "", "events", ""), *map(row, found)]), indent="    ")
        reasons = {(one.what, one.said): one.why for one in checks}
        for one in findings:
            self.one(one["what"], one["problem"], reasons.get((one["what"], one["problem"]), ""), one["do"])
        for check in checks:
            if check.severity == "advice":
                self.one(f"(advice) {check.what}", check.said, check.why, check.do)
        fine = [f"ok: {check.what}: {check.said}" for check in checks if check.severity == "ok"]
        self.lines(["", *fine] if fine else [], indent="    ")
        if not findings:
            click.echo("\nNothing needs a person.")

    def one(self, what: str, said: str, why: str, do: str) -> None:
        self.lines(["", f"{what}: {said}"], indent="  ")
        self.lines([f"  {why}"] if why else [], indent="  ")
        self.lines([f"  → {do}"], indent="    ")

    def lines(self, lines: Iterable[str], *, indent: str) -> None:
        for line in lines:
            click.echo(self.wrapped(as_called(line), indent))

    def wrapped(self, line: str, indent: str) -> str:
        """Words, such as addresses and commands' parts, stay whole so that they can be copied."""
        if len(line) <= self.columns or not self.columns:
            return line
        return textwrap.fill(
            line, self.columns, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        )


def row(one: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        one["handler"],
        one["state"],
        ", ".join(one["urls"]) or (f"{len(one['targets'])} targets" if len(one["targets"]) > 1 else ""),
        taken(one) if one["state"] == "on" else "",
        f"{one['waiting']} wait" if one["waiting"] else "",
    )


def taken(one: Mapping[str, Any]) -> str:
    events = "all events" if one["narrowed_to"] is None else ", ".join(one["narrowed_to"])
    return events + (f", urgency {' or '.join(one['urgency'])} only" if one["urgency"] else "")
