"""The mock sender's command line."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from . import payloads
from .payloads import Payload
from .sender import UnusableURL, deliver
from .wire import Answer

Command = Callable[..., Any]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="inboundflow-receiver", prog_name="mock-sender")
def main() -> None:
    """Sends webhooks the way InboundFlow does: signed, with every documented header, and 10 seconds to answer.

    \b
    mock-sender call --to http://127.0.0.1:8000/webhooks/inboundflow --secret-file var/signing_secret
    mock-sender send lead.created --to https://example.com/webhooks/inboundflow --secret …
    """


def addressed(command: Command) -> Command:
    """The options of every command that sends."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for programs."),
        click.option("--seed", type=int, help="The same number makes the same calls again."),
        click.option("--count", type=click.IntRange(1), default=1, show_default=True, help="How many."),
        click.option(
            "--secret-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A file that holds it."
        ),
        click.option(
            "--secret", envvar="INBOUNDFLOW_SIGNING_SECRET", help="Sign with it [variable: INBOUNDFLOW_SIGNING_SECRET]."
        ),
        click.option("--to", "url", required=True, metavar="URL", help="The webhook, …/webhooks/inboundflow."),
    ):
        command = option(command)
    return command


@main.command()
@click.argument("event", metavar="EVENT")
@addressed
@click.option("--delivery-id", help="Use this id; with --count, for all of them: duplicates.")
@click.option("--timestamp", type=int, help="Sign for this time, in unix seconds, instead of now.")
def send(event: str, delivery_id: str | None, timestamp: int | None, **options: Any) -> None:
    """Send one event: call.completed, call.transferred, appointment.booked or lead.created.

    Another name is sent too: a receiver should take what it does not know.
    """
    rng = random.Random(options["seed"])
    wanted = [payloads.sample(rng, event, delivery_id=delivery_id) for _ in range(options["count"])]
    send_all(wanted, timestamp=timestamp, **options)


@main.command()
@addressed
def call(**options: Any) -> None:
    """Send the four events of a phone call, as they happen."""
    rng = random.Random(options["seed"])
    send_all([payload for _ in range(options["count"]) for payload in payloads.call(rng)], **options)


@main.command()
@click.argument("event", metavar="EVENT")
@click.option("--seed", type=int, help="The same number makes the same call again.")
def payload(event: str, seed: int | None) -> None:
    """Print the body of one event, and send nothing."""
    click.echo(payloads.sample(random.Random(seed), event).body)


def send_all(
    wanted: list[Payload],
    *,
    url: str,
    secret: str | None,
    secret_file: Path | None,
    as_json: bool,
    timestamp: int | None = None,
    **_: Any,
) -> None:
    """Send each in turn, tell how it went, and exit with 1 where one was not acknowledged."""
    key = secret_file.read_text().strip() if secret_file else secret
    if not key:
        click.echo("No --secret, so these are not signed: most receivers refuse that.", err=True)
    failed = 0
    for one in wanted:
        try:
            answer = deliver(url, one, secret=key, timestamp=timestamp)
        except UnusableURL as error:
            raise click.UsageError(str(error)) from error
        failed += bool(answer.failure)
        click.echo(as_object(one, answer) if as_json else as_line(one, answer))
    if failed:
        click.echo(f"{failed} of {len(wanted)} were not acknowledged.", err=True)
    sys.exit(1 if failed else 0)


def as_line(sent: Payload, answer: Answer) -> str:
    told = answer.failure or f"{answer.status} {answer.said}".rstrip()
    return f"{sent.event:<19} {sent.delivery_id}  {answer.latency_s * 1000:5.0f} ms  {told}"


def as_object(sent: Payload, answer: Answer) -> str:
    return json.dumps(
        {
            "event": sent.event,
            "delivery_id": sent.delivery_id,
            "status": answer.status,
            "said": answer.said,
            "latency_ms": round(answer.latency_s * 1000, 1),
            "failure": answer.failure,
        }
    )
