"""What the demo tells: a call comes in, and this is what people see of it a moment later."""

from __future__ import annotations

import json
import logging
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..locales import LANGUAGES
from ..operations import LINK_S, command, make_link, program
from ..settings import CHECKOUT, Password
from . import words
from .held_log import last_lines
from .main import quoted

log = logging.getLogger("receiver.up")

READY_WITHIN_S = 30
ARRIVED_WITHIN_S = 15
EVENTS = 4
DESTINATIONS = {"slack": "Slack", "sheets": "Google Sheets", "hubspot": "HubSpot"}
WIDEST = 100  # columns; what is wider is hard to read


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The addresses of the receiver and of the played destinations, the files, the secret and the language."""

    receiver: str
    state_url: str
    text_url: str
    page_url: str
    inbox: Path
    log: Path
    secret: str
    lang: str
    password: Password = field(default_factory=Password)  # the dashboard's

    @property
    def url(self) -> str:
        return f"{self.receiver}/webhooks/inboundflow"

    def say(self, key: str, **values: object) -> None:
        say(words.say(key, self.lang, **values))

    def say_log(self, key: str, **values: object) -> None:
        self.say(key, log=last_lines(self.log), path=self.log, **values)


def tell(stage: Stage) -> None:
    """Send the call, and print what became of it; where that fails, the end of the log."""
    stage.say("starting")
    if not wait_for(lambda: is_ready(stage.receiver), READY_WITHIN_S):
        return stage.say_log("not_ready", n=READY_WITHIN_S)
    try:
        return play(stage)
    except (OSError, ValueError):  # the played destinations do not answer, or not as they should
        log.exception("the demo cannot go on")
        return stage.say_log("log_ends")


def play(stage: Stage) -> None:
    sent = send_call(stage)
    missing = wait_for_arrivals(stage, sent)
    if text := seen(stage):
        stage.say("people_see")
        say(f"\n{text}")
    if missing or len(sent) < EVENTS:
        return say_missing(stage, missing, EVENTS - len(sent))
    return say_next(stage)


def send_call(stage: Stage) -> list[dict[str, Any]]:
    """Send the events of one call, and print how each was answered. Returns the mock sender's report of each."""
    stage.say("call")
    call = [sys.executable, "-m", "mock_sender", "call", "--to", stage.url, "--secret", stage.secret, "--json"]
    call += ["--lang", stage.lang]
    ran = subprocess.run(call, text=True, stdout=subprocess.PIPE)
    sent = [json.loads(line) for line in ran.stdout.splitlines()]
    head = tuple(words.say(key, stage.lang) for key in ("event", "answer", "took"))
    rows = [(delivery["event"], answer_line(delivery), f"{delivery['latency_ms']:.0f} ms") for delivery in sent]
    say(f"\n{table([head, *rows])}\n")
    return sent


def answer_line(sent: Mapping[str, Any]) -> str:
    return str(sent["failure"] or f"{sent['status']} {sent['said']}")


def wait_for_arrivals(stage: Stage, sent: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """What is missing in the end: the events, by destination."""
    events = {delivery["delivery_id"]: str(delivery["event"]) for delivery in sent}
    expected = {(key, name) for key in events for name in DESTINATIONS}
    wait_for(lambda: expected <= arrivals(stage.state_url), ARRIVED_WITHIN_S)
    arrived = arrivals(stage.state_url)
    missing = {
        said: [events[key] for key in events if (key, name) not in arrived] for name, said in DESTINATIONS.items()
    }
    return {said: names for said, names in missing.items() if names}


def arrivals(state_url: str) -> set[tuple[str, str]]:
    """(delivery id, destination) of each effect."""
    return {(effect["delivery_id"], effect["destination"]) for effect in json.loads(get(state_url))["effects"]}


def seen(stage: Stage) -> str:
    """What has arrived as the people who use the destinations see it."""
    width = min(shutil.get_terminal_size().columns, WIDEST)
    return get(f"{stage.text_url}?lang={stage.lang}&width={width}")


def say_missing(stage: Stage, missing: Mapping[str, Sequence[str]], unsent: int) -> None:
    stage.say("missing", n=ARRIVED_WITHIN_S)
    for destination, events in missing.items():
        say(f"  {destination}: {', '.join(events)}")
    if unsent:
        stage.say("not_sent", n=unsent)
    stage.say_log("log_ends")
    stage.say("end")


def say_next(stage: Stage) -> None:
    stage.say("arrived", inbox=stage.inbox, log=stage.log)
    stage.say("page", page=stage.page_url)
    if stage.password:
        stage.say("dashboard", n=LINK_S // 60, link=make_link(stage.password, stage.receiver))
    sender = quoted(near(Path(sys.executable).parent / "mock-sender"))
    stage.say("another", command=f"{sender} call --to {stage.url} --secret {stage.secret}")
    stage.say("doctor", command=f"DATA_DIR={quoted(near(stage.inbox.parent))} {command('doctor')}")
    language = f"BUSINESS_LANGUAGE={stage.lang} " if stage.lang != LANGUAGES[0] else ""
    stage.say("next", command=f"{language}SLACK_WEBHOOK_URL=https://hooks.slack.com/services/… {up_command()}")
    stage.say("end")


def up_command() -> str:
    script = CHECKOUT / "bin" / "up"
    return f"./{near(script)}" if near(script) != script else f"{program()} up"


def near(path: Path) -> Path:
    """The path as it is typed in this folder."""
    return path.relative_to(Path.cwd()) if path.exists() and path.is_relative_to(Path.cwd()) else path


def table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(f"  {line}".rstrip() for line in lines)


def wait_for(condition: Callable[[], bool], within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False


def is_ready(receiver: str) -> bool:
    try:
        return not json.loads(get(f"{receiver}/readyz"))["degraded"]
    except OSError:
        return False


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own, on loopback
        return bytes(answer.read()).decode()


def say(text: str) -> None:
    print(text, flush=True)
