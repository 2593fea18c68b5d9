"""mock-sender conformance: the checks from the command line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from ..wire import TIMEOUT_S
from .machine import as_json, as_junit
from .page import as_html
from .runner import CannotRun, run
from .table import Check
from .terminal import as_text
from .verdict import Report

FILE = click.Path(dir_okay=False, path_type=Path)


def numbers(_: click.Context, __: click.Parameter, text: str | None) -> tuple[int, ...]:
    """23,50-58"""
    from .table import TABLE

    checks: list[int] = []
    for part in (text or "").split(",") if text else []:
        first, dash, last = part.strip().partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()):
            raise click.BadParameter(f"{part}: write numbers of checks, such as 23,50-58.")
        between = [n for n in sorted(TABLE) if int(first) <= n <= int(last)] if dash else [int(first)]
        if not between:
            raise click.BadParameter(f"{part}: there is no such check.")
        checks += between
    return tuple(checks)


@click.command()
@click.argument("url")
@click.option(
    "--secret",
    envvar="INBOUNDFLOW_SIGNING_SECRET",
    help="The receiver's secret [variable: INBOUNDFLOW_SIGNING_SECRET].",
)
@click.option(
    "--secret-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A file that holds the secret."
)
@click.option("--previous-secret", default="", help="One that it should still accept.")
@click.option("--effects", metavar="URL|COMMAND", help="Tells how many effects a delivery had.")
@click.option("--only", callback=numbers, metavar="NUMBERS", help="These checks: 23,50-58.")
@click.option("--skip", callback=numbers, metavar="NUMBERS", help="All but these.")
@click.option("--seed", type=int, default=0, show_default=True, help="The same number makes the same calls.")
@click.option(
    "--timeout",
    "timeout_s",
    type=click.FloatRange(0, min_open=True),
    default=TIMEOUT_S,
    show_default=True,
    help="Seconds for each answer.",
)
@click.option("--anyway", is_flag=True, help="Run all checks, also where the first genuine delivery is refused.")
@click.option("--json", "to_stdout", is_flag=True, help="JSON on stdout instead of the table.")
@click.option("--html", type=FILE, metavar="FILE", help="One page, for people.")
@click.option("--junit", type=FILE, metavar="FILE", help="XML, for CI.")
def conformance(url: str, secret: str | None, secret_file: Path | None, to_stdout: bool, html: Path | None,
                junit: Path | None, **asked: Any) -> None:  # fmt: skip
    """Check a receiver at URL, in any language, from outside.

    It sends some hundreds of deliveries, genuine and forged. A real receiver takes the genuine ones for calls: they are
    all of a caller named "Conformance Test" with a +1555 number. Exits with 0 where all passed, 1 where a check failed,
    2 where nothing could be checked.
    """
    key = secret_file.read_text().strip() if secret_file else secret or ""
    try:
        report = run(url, key, progress=progress if sys.stderr.isatty() else None, **asked)
    except CannotRun as error:
        raise click.UsageError(str(error)) from error
    if sys.stderr.isatty():
        click.echo("\r\033[K", err=True, nl=False)
    try:
        tell(report, html, junit)
    except OSError as error:
        raise click.UsageError(f"The report cannot be written: {error}") from error
    click.echo(as_json(report) if to_stdout else as_text(report))
    sys.exit(0 if report.passed else 1)


def tell(report: Report, html: Path | None, junit: Path | None) -> None:
    if html:
        html.write_text(as_html(report), encoding="utf-8", errors="replace")
    if junit:
        junit.write_text(as_junit(report), encoding="utf-8", errors="replace")


def progress(check: Check, position: int, total: int) -> None:
    click.echo(f"\r\033[K{position + 1}/{total} {check.number} {check.slug}", err=True, nl=False)
