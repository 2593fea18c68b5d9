"""A picture of the sheet, drawn from what the handler really wrote into the played Google Sheets."""

from __future__ import annotations

import html
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

from handlers.google_sheets import append_row
from mock_sender import payloads
from mock_sender.destinations import Destinations
from receiver import Run
from receiver.events import Delivery, read_event
from receiver.registry import load

from .browser import shoot

NAME, TAB = "google-sheet.png", "Calls"
SEED, CALLS = 11, 8
BEGINS = datetime(2026, 3, 2, 8, 12, tzinfo=UTC)
ROWS_SHOWN = 11
SIZE = (1500, 470)
WIDTHS = {
    "received_at": 165, "caller_name": 125, "caller_phone": 125, "caller_email": 190, "summary": 330, "intent": 120,
    "urgency": 75, "duration_seconds": 120, "started_at": 165,
}  # fmt: skip
STYLE = """
* { box-sizing: border-box; margin: 0 }
body { font: 13px/1 Arial, "Liberation Sans", sans-serif; background: #f9fbfd; color: #1f1f1f }
.top { display: flex; align-items: center; gap: 12px; height: 56px; padding: 0 16px }
.icon { width: 26px; height: 34px; border-radius: 3px; background: #0f9d58; padding: 11px 5px }
.icon i { display: block; height: 14px; background: repeating-linear-gradient(#fff 0 2px, #0f9d58 2px 4px) }
.title { font-size: 18px }
.menu { margin-top: 7px; color: #444746; word-spacing: 9px }
.bar { display: flex; gap: 14px; height: 30px; align-items: center; padding: 0 14px; background: #fff;
       border-block: 1px solid #c7c7c7; color: #444746 }
.bar b { font-weight: normal; width: 74px; border-right: 1px solid #c7c7c7 }
table { border-collapse: collapse; table-layout: fixed; background: #fff; width: max-content }
th, td { height: 25px; padding: 0 5px; border: 1px solid #e1e3e6; overflow: hidden; white-space: nowrap;
         text-overflow: clip; text-align: left }
th { background: #f3f5f8; color: #575a5e; font-weight: normal; text-align: center; border-color: #c7c9cc }
tr.first td { font-weight: bold; border-bottom: 3px solid #b7bbc0 }
td.number { text-align: right }
.tabs { position: fixed; bottom: 0; left: 0; right: 0; height: 38px; display: flex; align-items: center; gap: 4px;
        background: #f9fbfd; border-top: 1px solid #c7c7c7; padding-left: 46px; color: #444746 }
.tabs span { padding: 12px 16px }
.tabs span.open { color: #0b57d0; background: #e1e9f7; font-weight: bold; border-bottom: 3px solid #0b57d0 }
"""


def render(world: Destinations, out: Path) -> None:
    """The first tab with its rows, and the names of the others, as `out`/google-sheet.png."""
    receive_calls(world)
    shoot(drawn(world.sheets.tabs, TAB), out / NAME, width=SIZE[0], height=SIZE[1])


def receive_calls(world: Destinations) -> None:
    """Hand the events of a day's first calls to the handler, at once: each batch waits for Google's quota."""
    env = world.env | {"BUSINESS_TIMEZONE": "Europe/Madrid"}
    settings = load("handlers")["google_sheets.append_row"].activate(env).targets[""]
    rng, at = random.Random(SEED), BEGINS
    runs = []
    for _ in range(CALLS):
        at += timedelta(minutes=rng.randint(7, 55))
        for payload in payloads.call(rng, at):
            us = int(at.timestamp() * 1_000_000)
            delivery = Delivery(key=payload.delivery_id, event=payload.event, body=payload.body, received_us=us)
            runs.append(Run(id=1, handler="google_sheets.append_row", settings=settings, delivery=delivery))
    append_row([read_event(run.delivery) for run in runs], runs)


def drawn(tabs: dict[str, list[list[str]]], tab: str) -> str:
    header, *rows = tabs[tab]
    letters = "".join(f"<th>{chr(ord('A') + number)}</th>" for number in range(len(header)))
    widths = "".join(f'<col style="width:{WIDTHS.get(name, 150)}px">' for name in header)
    lines = [*rows, *[[]] * (ROWS_SHOWN - len(rows))][:ROWS_SHOWN]
    body = "".join(row(number, line, header) for number, line in enumerate(lines, start=2))
    names = "".join(f"<span{' class=open' if name == tab else ''}>{html.escape(name)}</span>" for name in tabs)
    return f"""<!doctype html><meta charset="utf-8"><style>{STYLE}</style>
<div class="top"><div class="icon"><i></i></div><div><div class="title">Calls to our front desk</div>
<div class="menu">File Edit View Insert Format Data Tools Help</div></div></div>
<div class="bar"><b>A1</b><i>fx</i>{html.escape(header[0])}</div>
<table><colgroup><col style="width:46px">{widths}</colgroup><tr><th></th>{letters}</tr>
{row(1, header, header, "first")}{body}</table><div class="tabs"><span>+</span>{names}</div>"""


def row(number: int, line: list[str], header: list[str], kind: str = "") -> str:
    padded = [*line, *[""] * (len(header) - len(line))]
    cells = "".join(
        f"<td{' class=number' if name == 'duration_seconds' and not kind else ''}>{html.escape(value)}</td>"
        for name, value in zip(header, padded, strict=True)
    )
    return f'<tr class="{kind}"><th>{number}</th>{cells}</tr>'
