"""The dashboard's first page and its call-backs, of a business with some weeks of calls."""

from __future__ import annotations

import random
import re
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import partial
from pathlib import Path
from unittest.mock import patch

from mock_sender.destinations import Destinations
from mock_sender.traffic import Planned, day
from receiver import operations, settings, store
from receiver.dashboard import create_dashboard
from receiver.events import Delivery, read_event
from receiver.inbox import Inbox
from receiver.store import Database, Transaction
from tests.support.browsing import PASSWORD, Browser

from .browser import shoot
from .front_desk import DAY, DESKS, Desk

NAMES = {"en": "Northside Garage", "es": "Clínica Dental Sonrisa"}
WEEKS = 5
NOW = time(13, 40)  # of the day that is shown
SEED = 700  # with it some of that day's callers wait for a call in both languages
HANDLERS = ("slack.post", "google_sheets.append_row", "hubspot.keep_contact")
STATIC = Path(__file__).resolve().parents[2] / "receiver" / "dashboard" / "static"
DONE = """
INSERT INTO runs (delivery_id, handler, call_id, state, attempts, next_attempt_us, outcome)
SELECT id, ?, call_id, 'succeeded', 1, received_us, '' FROM deliveries
"""

CALLED_BACK = """
INSERT INTO callbacks (source, call_id, at_us, what, note, who)
SELECT source, call_id, at_us + 1800000000, 'reached', '', 'Ana' FROM calls WHERE at_us < ?
"""
LOOKS, LOOK_US = 4, 300_000_000


def render(_: Destinations, out: Path) -> None:
    for desk in DESKS:
        with tempfile.TemporaryDirectory() as folder:
            pages = draw(desk, folder)
        shoot(pages["/"], out / f"dashboard-today{desk.suffix}.png", width=1100)
        shoot(pages["/callbacks"], out / f"dashboard-callbacks{desk.suffix}.png", width=500)


def draw(desk: Desk, folder: str) -> dict[str, str]:
    """The pages by their paths."""
    env = {
        "DATA_DIR": folder,
        "DASHBOARD_PASSWORD": PASSWORD,
        "BUSINESS_NAME": NAMES[desk.language],
        "BUSINESS_LANGUAGE": desk.language,
        "BUSINESS_TIMEZONE": str(desk.of.zone),
    }
    now = datetime.combine(DAY, NOW, desk.of.zone)
    clock = [int(now.timestamp() * 1e6) - LOOKS * LOOK_US]
    with patch("receiver.store.sqlite.machine_us", lambda: clock[0]):
        own = settings.read(env)
        with closing(store.connect(own)) as db:
            store.ensure_schema(db)
            fill(db, desk, now)
            for _ in range(LOOKS):  # as the worker does: what is settled counts for good
                operations.fold_chore(db, operations.SourceSettings(db, own))
                clock[0] += LOOK_US
            midnight = datetime.combine(DAY, time(), desk.of.zone)
            db.commit(partial(call_back, before_us=int(midnight.timestamp() * 1e6)))
            browser = Browser(create_dashboard(own, store.reads_apart(own, db)))
            browser.sign_in("Ana")
            return {path: alone(browser.get(path).text) for path in ("/", "/callbacks")}


def fill(db: Database, desk: Desk, now: datetime) -> None:
    inbox = Inbox(db)
    for planned in weeks(desk, now):
        payload, us = planned.payload, int(planned.time.timestamp() * 1_000_000)
        delivery = Delivery(key=payload.delivery_id, event=payload.event, body=payload.body, received_us=us)
        inbox.keep(replace(delivery, call_id=read_event(delivery).call_id))

    def arrive(tx: Transaction) -> None:
        tx.execute("UPDATE deliveries SET dispatched_us = received_us")
        for handler in HANDLERS:
            tx.execute(DONE, (handler,))
        tx.execute(
            "INSERT INTO leases (name, owner, until_us) VALUES ('dispatcher', 'a worker', ?)", (2**62,)
        )  # so that no page says that none runs

    db.commit(arrive)


def call_back(tx: Transaction, before_us: int) -> None:
    """Whoever called before today was called back."""
    tx.execute(CALLED_BACK, (before_us,))


def weeks(desk: Desk, now: datetime) -> Iterator[Planned]:
    for back in range(7 * WEEKS, -1, -1):
        date = DAY - timedelta(back)
        calls = 5 if date.weekday() == 5 else 0 if date.weekday() == 6 else 17 + back % 5
        for planned in day(random.Random(SEED + desk.seed + back), desk.of, date, calls) if calls else ():
            if planned.time <= now:
                yield planned


def alone(page: str) -> str:
    """The page without its server: what it links to is inside."""
    page = re.sub(
        r"<link rel=\"stylesheet\"[^>]*>", lambda _: f"<style>{(STATIC / 'dashboard.css').read_text()}</style>", page
    )
    icon = (STATIC / "icon.svg").read_text().replace("<svg", '<svg width="28" height="28"', 1)
    page = re.sub(r"<img src=[^>]*icon[^>]*>", lambda _: icon, page)
    return re.sub(r"<script.*?</script>", "", page)
