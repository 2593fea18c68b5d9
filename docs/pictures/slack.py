"""A call's thread as Slack shows it, from the blocks that the handler sent."""

from __future__ import annotations

import html
import random
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from handlers.slack import post
from mock_sender import payloads
from mock_sender.destinations import Destinations
from receiver import Earlier, Event, Run
from receiver.events import Delivery, read_event
from receiver.registry import load

from .browser import shoot

AT = datetime(2026, 11, 24, 9, 41, tzinfo=UTC)
SEED = 3  # a call that is urgent
STYLE = """
body { margin: 0; background: #fff; color: #1d1c1d; font: 15px/22px Lato, "Noto Sans", "DejaVu Sans", sans-serif; }
.bar { padding: 12px 20px; border-bottom: 1px solid #ddd; font-weight: 700; font-size: 17px; }
.bar small { color: #616061; font-weight: 400; font-size: 13px; margin-left: 8px; }
.message { display: flex; gap: 10px; padding: 12px 20px 4px; }
.face { width: 36px; height: 36px; border-radius: 8px; background: #0b7a75; color: #fff; font-weight: 700;
  display: grid; place-items: center; flex: none; }
.name { font-weight: 700; } .app { background: #e8e8e8; color: #616061; font-size: 10px; border-radius: 3px;
  padding: 1px 4px; margin: 0 6px; vertical-align: 2px; } .time { color: #616061; font-size: 12px; }
.body { flex: 1; } .header { font-size: 18px; font-weight: 700; margin: 4px 0; }
.fields { display: grid; grid-template-columns: 150px 1fr; margin: 6px 0; row-gap: 2px; }
.section { margin: 6px 0; white-space: pre-wrap; } .context { color: #616061; font-size: 13px; margin: 4px 0; }
a { color: #1264a3; text-decoration: none; }
.count { display: flex; align-items: center; gap: 12px; color: #616061; font-size: 13px; padding: 10px 20px 0; }
.count::after { content: ""; flex: 1; border-top: 1px solid #ddd; }
"""


def render(world: Destinations, out: Path) -> None:
    make_a_call(world)
    first, *replies = world.slack.messages
    parts = [shown(first), f'<div class="count">{len(replies)} replies</div>', *map(shown, replies)]
    bar = '<div class="bar">Thread <small># front-desk</small></div>'
    page = f"<meta charset=utf-8><style>{STYLE}</style>{bar}{''.join(parts)}"
    shoot(page, out / "slack-thread.png", width=640, height=1230)


def make_a_call(world: Destinations) -> None:
    """Hand the four events of one call to the handler."""
    env = world.env | {"BUSINESS_TIMEZONE": "Europe/Madrid"}
    settings = load("handlers")["slack.post"].activate(env).targets[""]
    done: list[Earlier] = []
    for payload in payloads.call(random.Random(SEED), AT):
        delivery = Delivery(key=payload.delivery_id, event=payload.event, body=payload.body, received_us=0)
        event: Event = read_event(delivery)
        run = Run(id=1, handler="slack.post", settings=settings, delivery=delivery, earlier=lambda: tuple(done))
        done.append(Earlier(event=event, outcome=post(event, run)))


def shown(message: dict[str, Any]) -> str:
    edited = ' <span class="time">(edited)</span>' if "edited" in message else ""
    who = '<span class="name">InboundFlow</span><span class="app">APP</span><span class="time">10:41 AM</span>'
    body = "".join(map(block, message["blocks"]))
    return f'<div class="message"><div class="face">IF</div><div class="body">{who}{edited}{body}</div></div>'


def block(given: dict[str, Any]) -> str:
    kind = given["type"]
    if "fields" in given:
        return f'<div class="fields">{"".join(f"<div>{text(field)}</div>" for field in given["fields"])}</div>'
    inside = " ".join(map(text, given.get("elements", [given.get("text")])))
    return f'<div class="{kind}">{inside}</div>'


def text(part: dict[str, Any]) -> str:
    """Of mrkdwn the handler uses nothing but bold labels and links."""
    if link := re.fullmatch(r"<[^|]+\|(.+)>", part["text"]):
        return f"<a>{link[1]}</a>"
    if part["type"] == "mrkdwn":
        return f"<b>{part['text'].strip('*')}</b>"
    return html.escape(part["text"])
