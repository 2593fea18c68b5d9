"""How the command line says what happened, to people and to programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from ..book import LIVES, Row
from ..inboundflow import InboundFlow
from ..payloads import Payload
from ..records import Connection, Delivery
from ..wire import Answer


def say_json(value: object) -> None:
    """It is valid JSON in every locale."""
    click.echo(json.dumps(value, ensure_ascii=sys.stdout.encoding.lower() != "utf-8"))


def say_table(rows: Sequence[Sequence[str]]) -> None:
    """The first row is the head; the last column is not padded."""
    if not rows:
        return
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]) - 1)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        click.echo("  ".join([*cells, row[-1]]).rstrip())


def answer_line(sent: Payload, answer: Answer) -> str:
    told = answer.failure or f"{answer.status} {answer.said}".rstrip()
    return f"{sent.event:<19} {sent.delivery_id}  {answer.latency_s * 1000:5.0f} ms  {told}"


def answer_object(sent: Payload, answer: Answer) -> dict[str, Any]:
    return {
        "event": sent.event,
        "delivery_id": sent.delivery_id,
        "status": answer.status,
        "said": answer.said,
        "latency_ms": round(answer.latency_s * 1000, 1),
        "failure": answer.failure,
    }


def connection_object(one: Connection) -> dict[str, Any]:
    """Without its secret, but whether it has one."""
    shown = {name: getattr(one, name) for name in ("id", "kind", "name", "url", "retries", "state", "failures")}
    return shown | {"events": list(one.events), "signed": bool(one.secret), "resign": one.resign, "lives": one.lives}


def delivery_object(flow: InboundFlow, one: Delivery) -> dict[str, Any]:
    attempts = flow.attempts(one.id)
    last = attempts[-1] if attempts else {}
    return {
        "id": one.id,
        "connection": flow.connection(one.connection_id).name,
        "event": one.event,
        "delivery_id": one.delivery_id,
        "at": one.at,
        "test": one.test,
        "state": one.state,
        "attempts": one.attempts,
        "status": last.get("status"),
        "failure": last.get("failure", ""),
        "latency_ms": round(last["latency_s"] * 1000, 1) if last else None,
    }


def delivery_row(flow: InboundFlow, one: Delivery) -> tuple[str, ...]:
    found = delivery_object(flow, one)
    took = "" if found["latency_ms"] is None else f"{found['latency_ms']:.0f} ms"
    return (str(one.id), clock(one.at), found["connection"], one.event, took, outcome(found))


def outcome(found: dict[str, Any]) -> str:
    """How a delivery went, in a few words."""
    word = found["state"] + (" (test)" if found["test"] else "")
    told = f": {found['failure']}" if found["failure"] else f": {found['status']}" if found["status"] else ""
    if found["state"] == "missed":
        told = ": the webhook was disabled"
    return f"{word}{told}"


def clock(at: float) -> str:
    return datetime.fromtimestamp(at).astimezone().strftime("%m-%d %H:%M:%S")


def standing(one: Connection) -> str:
    """The count, and what to do where it has come to its end."""
    if one.state == "disabled":
        return f"disabled after {LIVES} failures in a row: mend the receiver, then `mock-sender reconnect {one.name}`"
    return f"active, {one.failures} of {LIVES} failures in a row"


def say_attempts(attempts: Sequence[Row]) -> None:
    for one in attempts:
        told = one["failure"] or str(one["status"])
        click.echo(f"\nattempt {one['number']}  {clock(one['at'])}  {one['latency_s'] * 1000:.0f} ms  {told}")
        head, _, body = one["request"].partition(b"\r\n\r\n")
        click.echo(indented(head.decode(errors="replace")))
        click.echo("  |")
        click.echo(indented(body.decode(errors="replace")))
        click.echo(f"  answer: {one['answer'] or '(nothing)'}")


def indented(text: str) -> str:
    return "\n".join(f"  | {line}" for line in text.splitlines())
