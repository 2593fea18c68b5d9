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
    result = answer.failure or f"{answer.status} {answer.said}".rstrip()
    return f"{sent.event:<19} {sent.delivery_id}  {answer.latency_s * 1000:5.0f} ms  {result}"


def answer_object(sent: Payload, answer: Answer) -> dict[str, Any]:
    return {
        "event": sent.event,
        "delivery_id": sent.delivery_id,
        "status": answer.status,
        "said": answer.said,
        "latency_ms": round(answer.latency_s * 1000, 1),
        "failure": answer.failure,
    }


def connection_object(connection: Connection) -> dict[str, Any]:
    """Without its secret, but whether it has one."""
    shown = {name: getattr(connection, name) for name in ("id", "kind", "name", "url", "retries", "state", "failures")}
    return shown | {
        "events": list(connection.events),
        "signed": bool(connection.secret),
        "resign": connection.resign,
        "lives": connection.lives,
    }


def delivery_object(flow: InboundFlow, delivery: Delivery) -> dict[str, Any]:
    attempts = flow.attempts(delivery.id)
    last = attempts[-1] if attempts else {}
    return {
        "id": delivery.id,
        "connection": flow.connection(delivery.connection_id).name,
        "event": delivery.event,
        "delivery_id": delivery.delivery_id,
        "at": delivery.at,
        "test": delivery.test,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "status": last.get("status"),
        "failure": last.get("failure", ""),
        "latency_ms": round(last["latency_s"] * 1000, 1) if last else None,
    }


def delivery_row(flow: InboundFlow, delivery: Delivery) -> tuple[str, ...]:
    fields = delivery_object(flow, delivery)
    took = "" if fields["latency_ms"] is None else f"{fields['latency_ms']:.0f} ms"
    return (str(delivery.id), clock(delivery.at), fields["connection"], delivery.event, took, outcome(fields))


def outcome(fields: dict[str, Any]) -> str:
    """How a delivery went, in a few words."""
    word = fields["state"] + (" (test)" if fields["test"] else "")
    reason = f": {fields['failure']}" if fields["failure"] else f": {fields['status']}" if fields["status"] else ""
    if fields["state"] == "missed":
        reason = ": the webhook was disabled"
    return f"{word}{reason}"


def headings() -> tuple[str, ...]:
    """Of a list of deliveries; their times are by the clock of this machine."""
    return ("id", f"at ({datetime.now().astimezone():%Z})", "connection", "event", "", "")


def clock(time_s: float) -> str:
    return datetime.fromtimestamp(time_s).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def standing(connection: Connection) -> str:
    """The failure count; for a disabled webhook, the command that connects it again."""
    if connection.state == "disabled":
        command = f"mock-sender reconnect {connection.name}"
        return f"disabled after {LIVES} failures in a row: fix the receiver, then `{command}`"
    return f"active, {connection.failures} of {LIVES} failures in a row"


def say_attempts(attempts: Sequence[Row]) -> None:
    for attempt in attempts:
        result = attempt["failure"] or str(attempt["status"])
        click.echo(
            f"\nattempt {attempt['number']}  {clock(attempt['at'])}  {attempt['latency_s'] * 1000:.0f} ms  {result}"
        )
        head, _, body = attempt["request"].partition(b"\r\n\r\n")
        click.echo(indented(head.decode(errors="replace")))
        click.echo("  |")
        click.echo(indented(body.decode(errors="replace")))
        click.echo(f"  answer: {attempt['answer'] or '(nothing)'}")


def indented(text: str) -> str:
    return "\n".join(f"  | {line}" for line in text.splitlines())
