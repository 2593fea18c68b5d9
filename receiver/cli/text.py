"""What the commands print: text for people, JSON for programs."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

CALLED_AS = "INBOUNDFLOW_CALLED_AS"
COMMAND = re.compile(
    r"(?<![\w./-])receiver (?=(?:up|web|worker|migrate|doctor|deliveries|show|replay|pause|cancel|resume|copy|setup)\b)"
)


def told(found: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON: times also in ISO 8601, and nothing that is not there."""
    out: dict[str, Any] = {}
    for name, value in found.items():
        if name == "problems":
            value = json.loads(value)
        if isinstance(value, list) and value and isinstance(value[0], dict):
            value = [told(one) for one in value]
        if name == "body" and value is None:
            continue
        out[name] = value
        if name.endswith("_us"):
            out[name.removesuffix("_us") + "_at"] = value and moment(value, iso=True)
    return out


def described(one: Mapping[str, Any]) -> Iterator[str]:
    """A delivery as lines of text."""
    yield f"delivery  {one['key']}"
    yield f"event     {one['event'] or '(none)'}, call {one['call_id'] or '(none)'}"
    yield f"received  {moment(one['received_us'])} UTC"
    if problems := json.loads(one["problems"]):
        yield f"odd       {', '.join(problems)}"
    if one["conflicts"]:
        yield f"conflicts {one['conflicts']} with the same id and other content: kept, and not run"
    if not one["runs"]:
        yield "runs      none" + ("" if one["dispatched_us"] else " yet: the worker has not seen it")
    for run in one["runs"]:
        yield from described_run(run)
    if one["body"]:
        yield f"\n{one['body']}"


def described_run(run: Mapping[str, Any]) -> Iterator[str]:
    yield f"\n{place(run['handler'], run['target'])}: {run['state']}{due(run)}"
    if run["outcome"]:
        yield f"  outcome     {run['outcome']}"
    if run["last_error"]:
        yield f"  last error  {run['last_error']}"
    for attempt in run["attempts"]:
        took = f" after {(attempt['ended_us'] - attempt['started_us']) / 1e6:.1f} s" if attempt["ended_us"] else ""
        said = f": {attempt['detail']}" if attempt["detail"] else ""
        began = moment(attempt["started_us"])
        yield f"  attempt {attempt['number']}   {began} {attempt['result'] or 'at work'}{took}{said}"


def as_called(text: str) -> str:
    """The commands in a text as they can be typed here, where `receiver` is not on the path."""
    return COMMAND.sub(f"{program()} ", text)


def program() -> str:
    """What this command was called by, or what its caller says (`sudo inboundflow`)."""
    called = sys.argv[0]
    if said := os.environ.get(CALLED_AS):
        return said
    if Path(called).name != "receiver" or Path(shutil.which("receiver") or "").resolve() == Path(called).resolve():
        return "receiver"
    return called


def due(run: Mapping[str, Any]) -> str:
    """When a run is to be attempted, or why it is not."""
    if run["state"] not in ("pending", "retrying"):
        return ""
    if run["paused"]:
        return ", waits until its pause ends"
    when = "due since" if run["due"] else "next attempt"
    return f", {when} {moment(run['next_attempt_us'])} UTC"


def states(one: Mapping[str, Any]) -> str:
    shown = [f"{place(run['handler'], run['target'])} {run['state']}" for run in one["runs"]]
    return ", ".join(shown) or ("none" if one["dispatched_us"] else "not yet")


def place(handler: str, target: str) -> str:
    return f"{handler} {target}".rstrip()


def moment(us: int, *, iso: bool = False) -> str:
    found = datetime.fromtimestamp(us / 1e6, UTC)
    return found.isoformat(timespec="microseconds") if iso else found.strftime("%Y-%m-%d %H:%M:%S")


def say_table(rows: Sequence[Sequence[str]]) -> None:
    for line in table(rows):
        click.echo(line)


def table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def say_json(document: Mapping[str, Any]) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))
