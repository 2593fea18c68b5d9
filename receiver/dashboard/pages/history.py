"""Who did what: signed in, saw a number, sent again, paused, erased."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from ... import operations
from ...operations import Deed, Wanted
from ..desk import desk
from ..frame import show
from ..language import t
from ..naming import event_name
from ..rights import needs
from ..shown import clean, iso, when
from ..texts import all_texts

bp = Blueprint("history", __name__, url_prefix="/history")

FORMULA = ("=", "+", "-", "@", "\t", "\r")
HEADING = ("time", "who", "what", "detail", "address", "session")


@bp.get("")
@needs("see history")
def page() -> ResponseReturnValue:
    wanted = asked()
    deeds, older = operations.history(desk().db, wanted, before=number(request.args.get("before"), 2**63 - 1))
    names, actions = operations.doers(desk().db, desk().source)
    return show(
        "history.html",
        deeds=deeds,
        older=older,
        names=names,
        actions=actions,
        wanted=wanted,
        day=request.args.get("day", ""),
        action_text=action_text,
        detail_text=detail_text,
    )


@bp.get("/history.csv")
@needs("see history")
def as_csv() -> ResponseReturnValue:
    """The same, for a spreadsheet: nothing in it is taken for a formula."""
    return Response(
        lines(operations.whole_history(desk().db, asked())),
        mimetype="text/csv; charset=utf-8",
        headers={"Content-Disposition": "attachment; filename=history.csv"},
    )


def lines(deeds: Iterator[Deed]) -> str:
    """All of them at once, so that the page ends where the database does not answer."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADING)
    for deed in deeds:
        row = (iso(deed.at_us), deed.who, deed.action, json.dumps(deed.detail), deed.address, deed.session or "")
        writer.writerow([harmless(str(cell)) for cell in row])
    return text.getvalue()


def harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def asked() -> Wanted:
    since, until = day_limits(request.args.get("day", ""))
    return Wanted(
        source=desk().source,
        who=request.args.get("who", ""),
        action=request.args.get("action", ""),
        since_us=since,
        until_us=until,
    )


def day_limits(text: str) -> tuple[int, int]:
    """The beginning and the end of a day at the business; of all time where it is none."""
    try:
        day = date.fromisoformat(text)
        begin = datetime.combine(day, time(), desk().zone)
        end = datetime.combine(day + timedelta(1), time(), desk().zone)
        return int(begin.timestamp() * 1e6), int(end.timestamp() * 1e6)
    except (ValueError, OverflowError):
        return 0, 2**63 - 1


def number(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else default


def action_text(action: str) -> str:
    name = f"deed_{action}"
    return t(name) if name in all_texts() else action


def detail_text(detail: dict[str, Any]) -> str:
    """What there are words for, in a line; the table to save has all of it."""
    parts = []
    for name, value in detail.items():
        items = [item for item in (value if isinstance(value, list) else [value]) if item not in (None, "", {}, False)]
        label = in_words(f"detail_{name}")
        if not items or not label:
            continue
        said = ", ".join(item_text(name, item) for item in items[:5]) + (" …" if len(items) > 5 else "")
        parts.append(label if value is True else f"{label}: {said}" if name != "keys" else f"{label}: {len(items)}")
    return clean(" · ".join(parts), 300)


def item_text(name: str, item: Any) -> str:
    """One of what a deed was about, in words where there are some."""
    if name == "handler":
        return desk().title(str(item))
    if name == "event":
        return event_name(str(item))
    if name.endswith("_us") and isinstance(item, int):
        return when(item)
    words = {
        "by": [f"detail_{item}"],
        "role": [f"people_{item}"],
        "state": [f"cb_{item}", f"state_{item}"],
        "standing": [f"state_{item}"],
    }
    return next(filter(None, map(in_words, words.get(name, []))), str(item))


def in_words(name: str) -> str:
    return t(name) if name in all_texts() else ""
