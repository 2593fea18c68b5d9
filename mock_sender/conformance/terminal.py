"""The report for people at a terminal of 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import click

from .machine import in_full
from .table import GROUPS
from .verdict import Outcome, Report, Result

WIDTH = 80
COLOURS = {Outcome.PASSED: "green", Outcome.WARNED: "yellow", Outcome.FAILED: "red", Outcome.SKIPPED: "cyan"}
CONTROL = {n: "\ufffd" for n in (*range(9), *range(11, 32), *range(127, 160))}  # an answer must not move the cursor


def as_text(report: Report) -> str:
    return "\n".join(lines(report))


def lines(report: Report) -> Iterator[str]:
    yield from failures(report)
    for group in GROUPS:
        results = [result for result in report.results if result.group == group]
        if results:
            yield click.style(group, bold=True)
            yield from (line for result in results for line in row(result))
            yield ""
    yield ", ".join(f"{report.count(outcome)} {outcome}" for outcome in Outcome if report.count(outcome))
    yield from (click.style(line, bold=True) for line in textwrap.wrap(report.headline, WIDTH))


def failures(report: Report) -> Iterator[str]:
    for result in report.results:
        if result.outcome is Outcome.FAILED:
            yield click.style(f"{result.number} {result.slug}: {result.title}", fg="red", bold=True)
            yield textwrap.indent(in_full(result).translate(CONTROL), "  ")
            yield ""


def row(result: Result) -> Iterator[str]:
    yield f"  {click.style(f'{result.outcome:8}', fg=COLOURS[result.outcome])}{result.number:>3}  {result.title}"[
        : WIDTH + 20
    ]
    if result.says:
        yield from textwrap.wrap(
            result.says.translate(CONTROL), WIDTH, initial_indent=" " * 15, subsequent_indent=" " * 15
        )
