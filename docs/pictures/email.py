"""A call's conversation as a mail program shows it, from the HTML that the handler sent."""

from __future__ import annotations

import html
import random
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from handlers.email import send
from mock_sender import payloads
from mock_sender.destinations import Destinations
from receiver import Earlier, Run
from receiver.events import Delivery, read_event
from receiver.registry import load

from .browser import shoot

AT = datetime(2026, 11, 24, 9, 41, tzinfo=UTC)
SEED = 3  # a call that is urgent
STYLE = """
body { margin: 0; background: #fff; color: #202124; font: 14px/20px Arial, "Noto Sans", "DejaVu Sans", sans-serif; }
h1 { font-size: 20px; font-weight: 400; margin: 0; padding: 16px 20px; }
.message { border-top: 1px solid #ddd; padding: 12px 4px 4px; }
.from { padding: 0 16px; } .from small { color: #5f6368; font-size: 12px; }
"""


def render(world: Destinations, out: Path) -> None:
    make_a_call(world)
    emails = world.resend.emails[:3]
    page = f"<meta charset=utf-8><style>{STYLE}</style><h1>{emails[0]['subject']}</h1>"
    shoot(page + "".join(map(shown, emails)), out / "email-thread.png", width=640, height=970)


def make_a_call(world: Destinations) -> None:
    """Hand the events of one call to the handler."""
    env = world.email_env | {"BUSINESS_TIMEZONE": "Europe/Madrid"}
    [settings] = load("handlers")["email.send"].activate(env).targets.values()
    done: list[Earlier] = []
    for payload in payloads.call(random.Random(SEED), AT):
        delivery = Delivery(key=payload.delivery_id, event=payload.event, body=payload.body, received_us=0)
        event = read_event(delivery)
        run = Run(id=1, handler="email.send", settings=settings, delivery=delivery, earlier=lambda: tuple(done))
        done.append(Earlier(event=event, outcome=send(event, run)))


def shown(email: dict[str, Any]) -> str:
    body = re.search(r"<body[^>]*>(.*)</body>", email["html"], re.DOTALL)
    head = f"<b>{html.escape(email['from'].partition(' <')[0])}</b> <small>to {email['to'][0]}</small>"
    return f'<div class="message"><div class="from">{head}</div>{body[1] if body else ""}</div>'
