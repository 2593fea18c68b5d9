"""A call's thread as Slack shows it, from the blocks that the handler sent, as wide as a page on GitHub."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

from handlers.slack import post
from mock_sender.destinations import Destinations
from receiver import Earlier

from .browser import shoot
from .front_desk import DESKS, Desk, a_run, longest_call

WIDTH = 860
WORDS = {
    "en": {
        "thread": "Thread",
        "channel": "front-desk",
        "replies": "{} replies",
        "edited": "(edited)",
        "at": "10:14 AM",
    },
    "es": {"thread": "Hilo", "channel": "recepción", "replies": "{} respuestas", "edited": "(editado)", "at": "9:54"},
}
STYLE = """
body { margin: 0; background: #fff; color: #1d1c1d; font: 16px/23px Lato, "Noto Sans", "DejaVu Sans", sans-serif;
  padding-bottom: 18px; }
.bar { padding: 12px 20px; border-bottom: 1px solid #ddd; font-weight: 700; font-size: 18px; }
.bar small { color: #616061; font-weight: 400; font-size: 15px; margin-left: 8px; }
.message { display: flex; gap: 12px; padding: 12px 20px 4px; }
.face { width: 40px; height: 40px; border-radius: 8px; background: #0b7a75; color: #fff; font-weight: 700;
  display: grid; place-items: center; flex: none; }
.name { font-weight: 700; } .app { background: #e8e8e8; color: #616061; font-size: 11px; border-radius: 3px;
  padding: 1px 4px; margin: 0 6px; vertical-align: 2px; } .time { color: #616061; font-size: 14px; }
.body { flex: 1; } .header { font-size: 20px; font-weight: 700; margin: 5px 0; }
.fields { display: grid; grid-template-columns: 190px 1fr; margin: 6px 0; row-gap: 2px; }
.section { margin: 6px 0; white-space: pre-wrap; } .context { color: #616061; font-size: 15px; margin: 4px 0; }
a { color: #1264a3; text-decoration: none; }
.count { display: flex; align-items: center; gap: 12px; color: #616061; font-size: 15px; padding: 10px 20px 0; }
.count::after { content: ""; flex: 1; border-top: 1px solid #ddd; }
"""


def render(world: Destinations, out: Path) -> None:
    for desk in DESKS:
        world.slack.messages.clear()
        make_a_call(world, desk)
        shoot(drawn(world.slack.messages, WORDS[desk.language]), out / f"slack-thread{desk.suffix}.png", width=WIDTH)


def make_a_call(world: Destinations, desk: Desk) -> None:
    """Hand the events of the day's first call that has three of them to the handler."""
    settings, done = desk.settings("slack.post", world.env), list[Earlier]()
    for event, delivery in longest_call(desk):
        outcome = post(event, a_run("slack.post", settings, delivery, done))
        done.append(Earlier(event=event, outcome=outcome))


def drawn(messages: list[dict[str, Any]], words: dict[str, str]) -> str:
    first, *replies = [shown(message, words) for message in messages]
    bar = f'<div class="bar">{words["thread"]} <small># {words["channel"]}</small></div>'
    count = f'<div class="count">{words["replies"].format(len(replies))}</div>'
    return f"<meta charset=utf-8><style>{STYLE}</style>{bar}{first}{count}{''.join(replies)}"


def shown(message: dict[str, Any], words: dict[str, str]) -> str:
    edited = f' <span class="time">{words["edited"]}</span>' if "edited" in message else ""
    at = f'<span class="time">{words["at"]}</span>'
    who = f'<span class="name">InboundFlow</span><span class="app">APP</span>{at}'
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
