"""How long the dashboard's pages take over a large inbox: run python -m benchmarks.pages [--database postgres].

Three years of calls, two reports of each and two runs of each report; then every page and search, again and again,
each made anew. The time is the server's: without the network, and without a browser.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from receiver import settings, store
from receiver.dashboard import create_dashboard
from receiver.store import Database
from tests.support.browsing import PASSWORD, Browser, desk_of
from tests.support.postgres import Server

from .filling import NUMBERS, Statements, draw_behind, fill

DISK = Path(__file__).resolve().parent.parent / "var" / "benchmarks"
SPAN_US = 3 * 365 * 86_400_000_000
PAGES = (
    "/",
    "/callbacks",
    "/callbacks?tab=leads",
    "/callbacks?tab=done",
    "/calls",
    "/calls?when=month&outcome=wants",
    "/call",
)
SEARCHES = ("0142", "name12", "name", "family7 name3", "call-77")
CALL = "((i + 1) / 2)"
NAME, PHONE = f"'Name' || ({CALL} % 5000) || ' Family' || ({CALL} % 701)", f"'1202' || (5000000 + {CALL} % 4000000)"
EVENT = f"""
CASE WHEN i % 2 = 1 THEN 'call.completed' WHEN {CALL} % 4 = 0 THEN 'appointment.booked'
    WHEN {CALL} % 4 = 1 THEN 'lead.created' WHEN {CALL} % 4 = 2 THEN 'call.transferred' ELSE 'call.noted' END
"""
BODY = f"""
'{{"event":"' || {EVENT} || '","delivery_id":"k' || i || '","data":{{"call_id":"call-' || {CALL} ||
'","caller_name":"' || {NAME} || '","caller_phone":"+' || {PHONE} ||
'","summary":"{"Asked for a cleaning. " * 15}","urgency":"medium"}}}}'
"""
DELIVERIES = f"""
INSERT INTO deliveries
    (id, key, event, call_id, caller_phone, received_us, dispatched_us, body, headers, problems)
SELECT i, 'k' || i, {EVENT}, 'call-' || {CALL}, '+' || {PHONE}, {{at}}, {{at}}, {{body}}, '{{{{}}}}', '[]' FROM n
"""
RUNS = f"""
INSERT INTO runs (id, delivery_id, handler, call_id, state, next_attempt_us)
SELECT i + {{offset}}, i, '{{handler}}', 'call-' || {CALL},
    CASE WHEN i > {{number}} - 2000 AND i % 40 = 0 THEN 'dead' WHEN i > {{number}} - 40 THEN 'pending'
        ELSE 'succeeded' END,
    {{at}}
FROM n
"""
CALLS = f"""
INSERT INTO calls (id, source, call_id, at_us, day, hour, phone_back, caller_name, completed, booked, transferred,
    lead, urgency, seconds, wants, ended_us)
SELECT c, '', 'call-' || c, us, {{day}}, CAST({{hour}} AS INTEGER), {{back}}, name, 1,
    CASE c % 4 WHEN 0 THEN 1 ELSE 0 END, CASE c % 4 WHEN 2 THEN 1 ELSE 0 END, CASE c % 4 WHEN 1 THEN 1 ELSE 0 END,
    1, 60, CASE c % 4 WHEN 3 THEN 1 ELSE 0 END, us
FROM (SELECT {CALL} AS c, {{at}} AS us, {NAME} AS name, {PHONE} AS phone FROM n WHERE i % 2 = 0) AS of_calls
"""


def main() -> int:
    options = arguments()
    with database(options.database) as (db, env):
        began = time.monotonic()
        fill_inbox(db, options.deliveries)
        print(f"{options.deliveries:,} deliveries on {options.database}, filled in {time.monotonic() - began:.0f} s\n")
        print("| page | p50 ms | p95 ms | worst ms | processor, p50 ms |\n| --- | ---: | ---: | ---: | ---: |")
        worst = max(measured(db, env, options))
    return 0 if worst < options.limit_ms else 1


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--deliveries", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--limit-ms", type=float, default=200, help="exit code 1 where a page's p95 is above")
    return parser.parse_args()


@contextlib.contextmanager
def database(kind: str) -> Iterator[tuple[Database, dict[str, str]]]:
    DISK.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=DISK) as folder, contextlib.ExitStack() as stack:
        env = {"DATA_DIR": folder, "DASHBOARD_PASSWORD": PASSWORD, "INBOUNDFLOW_SIGNING_SECRET": "x"}
        if kind == "postgres":
            server = Server()
            stack.callback(server.close)
            env["DATABASE_URL"] = server.new_database()
        db = stack.enter_context(contextlib.closing(store.connect(settings.read(env))))
        store.migrate(db)
        yield db, env


def fill_inbox(db: Database, number: int) -> None:
    now_us = db.now_us()
    at = f"({now_us} - CAST({SPAN_US} AS BIGINT) + i * {SPAN_US // number})"
    back = " || ".join(f"substr(phone, {n}, 1)" for n in range(11, 0, -1))
    body = f"convert_to({BODY}, 'UTF8')" if db.shared else f"CAST({BODY} AS BLOB)"

    def statements(batch: tuple[int, int]) -> Statements:
        yield NUMBERS + DELIVERIES.format(at=at, body=body), batch
        for offset, handler in ((0, "slack.post"), (number, "google_sheets.append_row")):
            yield NUMBERS + RUNS.format(offset=offset, handler=handler, number=number, at=at), batch
        yield NUMBERS + CALLS.format(day=local(db, "day"), hour=local(db, "hour"), back=back, at=at), batch
        for word in (f"'name' || ({CALL} % 5000)", f"'family' || ({CALL} % 701)"):
            yield f"{NUMBERS} INSERT INTO call_words (word, call) SELECT {word}, {CALL} FROM n WHERE i % 2 = 0", batch

    fill(db, number, statements, more=lambda: True)
    mark = {"zone": "UTC", "up_to": number, "settled": number, "newest": number, "since_us": now_us, "turn": 1}
    db.commit(lambda tx: tx.execute(store.NOTE, ("calls", json.dumps(mark), now_us)))
    draw_behind(db, {"deliveries": number, "runs": 2 * number, "calls": number})
    db.commit(lambda tx: tx.execute("ANALYZE"), timeout_s=600)


def local(db: Database, part: str) -> str:
    """The day or the hour of `us`, in UTC."""
    if db.shared:
        form = {"day": "YYYY-MM-DD", "hour": "HH24"}[part]
        return f"to_char(to_timestamp(us / 1000000) AT TIME ZONE 'UTC', '{form}')"
    return f"strftime('{ {'day': '%Y-%m-%d', 'hour': '%H'}[part] }', us / 1000000, 'unixepoch')"


def measured(db: Database, env: dict[str, str], options: argparse.Namespace) -> Iterator[float]:
    """The p95 of each page, in milliseconds."""
    apart = store.reads_apart(settings.read(env), db)
    browser = Browser(create_dashboard(settings.read(env), apart))
    browser.sign_in()
    desk = desk_of(browser.client.application)
    for name in (*PAGES, *(f"search: {text}" for text in SEARCHES)):
        took, computed = [], []
        for n in range(options.rounds):
            if name.startswith("search: "):
                browser.get("/calls?when=today")
                browser.post("/calls", q=name.removeprefix("search: "))
                path = browser.page.headers["Location"]
            else:
                path = f"/call?id=call-{options.deliveries // 2 - n}" if name == "/call" else name
            desk.cache.forget()
            began, began_computing = time.perf_counter(), time.process_time()
            status = browser.get(path).status_code
            took.append((time.perf_counter() - began) * 1000)
            computed.append((time.process_time() - began_computing) * 1000)
            assert status == 200, (path, status)
        p95 = statistics.quantiles(took, n=20)[18]
        middle = statistics.median(computed)
        print(f"| {name} | {statistics.median(took):.0f} | {p95:.0f} | {max(took):.0f} | {middle:.0f} |", flush=True)
        yield p95
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"\n{datetime.now(UTC):%Y-%m-%d}, {peak} MB at most")
    apart.close()


if __name__ == "__main__":
    sys.exit(main())
