"""A sheet with a row for each call, from what the handler really wrote, as wide as a page on GitHub."""

from __future__ import annotations

import html
from dataclasses import replace
from pathlib import Path

from handlers.google_sheets import append_row
from mock_sender.destinations import Destinations
from receiver import Earlier, Event
from receiver.events import Delivery

from .browser import shoot
from .front_desk import DESKS, Desk, a_run

WIDTH, ROWS_SHOWN = 880, 14
# The columns that are not hidden, and how wide they are. The last are the staff's.
WIDTHS = {
    "received_at": 114, "caller_name": 108, "caller_phone": 98, "summary": 240, "appointment_time_start": 156,
    "status": 124,
}  # fmt: skip
WORDS = {
    "en": {
        "title": "Calls to our workshop", "menu": "File Edit View Insert Format Data Tools Help", "tab": "Calls",
        "columns": "", "statuses": ("Called back", "Done", "No answer", "To call back"),
    },
    "es": {
        "title": "Llamadas a la clínica", "menu": "Archivo Editar Ver Insertar Formato Datos Herramientas Ayuda",
        "tab": "Llamadas",
        "columns": "received_at=Recibida, caller_name=Nombre, caller_phone=Teléfono, summary=Resumen, "
        "appointment_time_start=Cita, status=Estado",
        "statuses": ("Llamado", "Hecho", "No contesta", "Por llamar"),
    },
}  # fmt: skip
STYLE = """
* { box-sizing: border-box; margin: 0 }
body { font: 13px/1 Arial, "Liberation Sans", Lato, sans-serif; background: #f9fbfd; color: #1f1f1f }
.top { display: flex; align-items: center; gap: 12px; height: 56px; padding: 0 16px }
.icon { width: 26px; height: 34px; border-radius: 3px; background: #0f9d58; padding: 11px 5px }
.icon i { display: block; height: 14px; background: repeating-linear-gradient(#fff 0 2px, #0f9d58 2px 4px) }
.title { font-size: 18px }
.menu { margin-top: 7px; color: #444746; word-spacing: 9px }
.bar { display: flex; gap: 14px; height: 30px; align-items: center; padding: 0 14px; background: #fff;
       border-block: 1px solid #c7c7c7; color: #444746 }
.bar b { font-weight: normal; width: 74px; border-right: 1px solid #c7c7c7 }
table { border-collapse: collapse; table-layout: fixed; background: #fff }
th, td { height: 25px; padding: 0 5px; border: 1px solid #e1e3e6; overflow: hidden; white-space: nowrap;
         text-overflow: clip; text-align: left }
th { background: #f3f5f8; color: #575a5e; font-weight: normal; text-align: center; border-color: #c7c9cc }
tr.first td { font-weight: bold; border-bottom: 3px solid #b7bbc0 }
td.chosen { position: relative } td.chosen i { position: absolute; right: 6px; top: 5px; color: #888 }
.chip { background: #e1e9f7; border-radius: 9px; padding: 2px 8px }
.tabs { position: fixed; bottom: 0; left: 0; right: 0; height: 38px; display: flex; align-items: center; gap: 4px;
        background: #f9fbfd; border-top: 1px solid #c7c7c7; padding-left: 46px; color: #444746 }
.tabs span { padding: 12px 16px }
.tabs span.open { color: #0b57d0; background: #e1e9f7; font-weight: bold; border-bottom: 3px solid #0b57d0 }
"""


def render(world: Destinations, out: Path) -> None:
    for desk in DESKS:
        words = WORDS[desk.language]
        receive_calls(world, desk, words)
        page = drawn(world.sheets.tabs[words["tab"]], words)
        shoot(page, out / f"google-sheet{desk.suffix}.png", width=WIDTH, height=84 + 26 * (ROWS_SHOWN + 2) + 46)


def receive_calls(world: Destinations, desk: Desk, words: dict[str, str]) -> None:
    """Hand a day's events to the handler, in batches, as each waits for Google's quota: no two of one call in one."""
    own = {"GOOGLE_SHEETS_LAYOUT": "calls", "GOOGLE_SHEETS_COLUMNS": words["columns"]}
    own["GOOGLE_SHEETS_TABS"] = f"call.completed={words['tab']}"
    settings = desk.settings("google_sheets.append_row", world.env | own)
    done, waiting = list[Earlier](), list(desk.deliveries())
    while waiting:
        batch = list(first_of_each(waiting).values())
        runs = [a_run("google_sheets.append_row", settings, delivery, done) for _, delivery in batch]
        runs = [replace(run, id=number) for number, run in enumerate(runs)]
        outcomes = append_row([event for event, _ in batch], runs)
        done += [Earlier(event=event, outcome=str(end)) for (event, _), end in zip(batch, outcomes, strict=True)]
        waiting = [pair for pair in waiting if pair not in batch]


def first_of_each(pairs: list[tuple[Event, Delivery]]) -> dict[str | None, tuple[Event, Delivery]]:
    """The first event of each call, in order."""
    calls: dict[str | None, tuple[Event, Delivery]] = {}
    for event, delivery in pairs:
        calls.setdefault(event.call_id, (event, delivery))
    return calls


def drawn(rows: list[list[str]], words: dict[str, str]) -> str:
    names = dict(pair.split("=") for pair in words["columns"].split(", ") if pair)
    header = rows[0]
    places = {field: header.index(names.get(field, field)) for field in WIDTHS}
    letters = "".join(f"<th>{chr(ord('A') + place)}</th>" for place in places.values())
    widths = "".join(f'<col style="width:{width}px">' for width in WIDTHS.values())
    lines = [*rows[1:], *[[]] * ROWS_SHOWN][:ROWS_SHOWN]
    staff = [words["statuses"][number] if number < len(words["statuses"]) else "" for number in range(ROWS_SHOWN)]
    body = "".join(
        row(number, cells(line, places), status if line else None)
        for number, (line, status) in enumerate(zip(lines, staff, strict=True), start=2)
    )
    first = row(1, cells(header, places), None, "first")
    return f"""<!doctype html><meta charset="utf-8"><style>{STYLE}</style>
<div class="top"><div class="icon"><i></i></div><div><div class="title">{words["title"]}</div>
<div class="menu">{words["menu"]}</div></div></div>
<div class="bar"><b>A1</b><i>fx</i>{html.escape(header[0])}</div>
<table style="width:{WIDTH}px"><colgroup><col style="width:40px">{widths}</colgroup><tr><th></th>{letters}</tr>
{first}{body}</table><div class="tabs"><span>+</span><span class="open">{words["tab"]}</span></div>"""


def cells(line: list[str], places: dict[str, int]) -> list[str]:
    return [line[place] if place < len(line) else "" for place in places.values()]


def row(number: int, texts: list[str], status: str | None, kind: str = "") -> str:
    """A row; `status` is what the staff chose in it, and None where no call is."""
    shown = [f"<td>{html.escape(text)}</td>" for text in texts]
    if status is not None:
        shown[-1] = f'<td class="chosen"><span class="{"chip" if status else ""}">{status}</span><i>▾</i></td>'
    return f'<tr class="{kind}"><th>{number}</th>{"".join(shown)}</tr>'
