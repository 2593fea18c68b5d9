"""A call's conversation as a mail program shows it, from the HTML that the handler sent."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

from handlers.email import send
from mock_sender.destinations import Destinations, resend
from receiver import Earlier

from .browser import shoot
from .front_desk import DESKS, Desk, a_run, longest_call

WORDS = {
    "en": {"to": "to", "from": f"Acme Garage <calls@{resend.DOMAIN}>"},
    "es": {"to": "para", "from": f"Clínica Sonrisa <llamadas@{resend.DOMAIN}>"},
}
STYLE = """
body { margin: 0; background: #fff; color: #202124; font: 14px/20px Arial, "Noto Sans", "DejaVu Sans", sans-serif; }
h1 { font-size: 20px; font-weight: 400; margin: 0; padding: 16px 20px; }
.message { border-top: 1px solid #ddd; padding: 12px 4px 4px; }
.from { padding: 0 16px; } .from small { color: #5f6368; font-size: 12px; }
"""


def render(world: Destinations, out: Path) -> None:
    for desk in DESKS:
        world.resend.emails.clear()
        make_a_call(world, desk)
        emails = world.resend.emails[:3]
        page = f"<meta charset=utf-8><style>{STYLE}</style><h1>{emails[0]['subject']}</h1>"
        drawn = page + "".join(shown(email, WORDS[desk.language]) for email in emails)
        shoot(drawn, out / f"email-thread{desk.suffix}.png", width=640, height=970)


def make_a_call(world: Destinations, desk: Desk) -> None:
    """Hand the events of one call to the handler."""
    settings = desk.settings("email.send", {**world.email_env, "EMAIL_FROM": WORDS[desk.language]["from"]})
    done: list[Earlier] = []
    for event, delivery in longest_call(desk):
        done.append(Earlier(event=event, outcome=send(event, a_run("email.send", settings, delivery, done))))


def shown(email: dict[str, Any], words: dict[str, str]) -> str:
    body = re.search(r"<body[^>]*>(.*)</body>", email["html"], re.DOTALL)
    head = f"<b>{html.escape(email['from'].partition(' <')[0])}</b> <small>{words['to']} {email['to'][0]}</small>"
    return f'<div class="message"><div class="from">{head}</div>{body[1] if body else ""}</div>'
