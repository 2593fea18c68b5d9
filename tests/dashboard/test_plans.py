"""No statement of a page reads a whole table, on either database."""

import re
from functools import partial

import psycopg
import pytest

from receiver import settings
from receiver.dashboard import create_dashboard
from receiver.operations import Actor, fold, mark
from receiver.store import postgres_session
from tests.inbox.test_plans import scanned
from tests.support.browsing import Browser, on_both
from tests.support.practice import Practice
from tests.support.tools import in_zone

LARGE = ("deliveries", "runs", "attempts", "conflicts", "calls", "call_words", "callbacks", "audit")
SCAN = re.compile(
    r"SCAN (?:\w+ AS )?(\w+)(?! USING (?:COVERING )?INDEX (?:runs_dead|runs_open|deliveries_undispatched))"
)
# A handful of rows by then: what is counted or shown once of a bounded number.
SORTS = (
    "LIMIT",
    "DISTINCT",
    "GROUP BY",
    "ORDER BY id",
    "ORDER BY r",
    "ORDER BY d",
    "ORDER BY run_id",
    "ORDER BY number",
)


class Noting:
    """A database that notes what is read from it."""

    def __init__(self, db):
        self.db = db
        self.read_of = {}

    def __getattr__(self, name):
        return getattr(self.db, name)

    def read(self, sql, values=(), **more):
        self.read_of[" ".join(sql.split())] = (sql, tuple(values))
        return self.db.read(sql, values, **more)


@pytest.fixture
def noted(db, desk_env):
    """Every statement of every page, with something to be found by each."""
    practice = Practice(db)
    for n in range(60):
        practice.runs(
            practice.call(call_id=f"c{n}", ago_s=700 * n, name=f"Name{n} Ruiz", phone=f"+120255500{n:02}"), slack="dead"
        )
    practice.call(call_id="lead", events=("call.completed", "lead.created"))
    fold(db, in_zone(db))
    mark(db, "c3", "message", "", Actor(who="Ana", session=1), seen=0)
    noting = Noting(db)
    browser = Browser(create_dashboard(settings.read(desk_env), noting))
    browser.sign_in()
    for path in ("/", "/?day=2026-01-02", "/calls", "/calls?when=week", "/calls?outcome=booked", "/callbacks",
                 "/callbacks?tab=tried", "/callbacks?tab=leads", "/callbacks?tab=done", "/call?id=c1", "/problems",
                 "/destinations", "/help"):  # fmt: skip
        assert browser.get(path).status_code == 200, path
    browser.get("/calls")
    older = re.search(r'href="([^"]+)">Show older', browser.page.text)[1].replace("&amp;", "&")
    browser.get(older)
    for text in ("ruiz", "name7 ruiz", "0007", "c1"):
        browser.get("/calls")
        browser.post("/calls", q=text)
        browser.follow()
    return noting.read_of


@on_both()
def test_no_statement_of_a_page_reads_a_whole_table(db, noted, database_url, env):
    assert len(noted) > 30
    look = partial(read_whole, env["DATABASE_URL"]) if env["DATABASE_URL"] else partial(scans, db)
    found = {sql: tables for sql, (text, values) in noted.items() if (tables := look(text, values))}

    assert found == {}


def read_whole(url, sql, values):
    """On so small tables the server goes by any index that there is: only what has none shows here."""
    return {name for name in scanned(url, sql, values) if name in LARGE and not by_some_index(url, sql, values, name)}


def by_some_index(url, sql, values, table):
    with psycopg.connect(url) as connection:
        connection.execute("SET enable_seqscan = off")
        statement = "EXPLAIN " + postgres_session.placeholders(sql)
        plan = "\n".join(row[0] for row in connection.execute(statement, list(values) or None).fetchall())
    return f"Seq Scan on {table}" not in plan


def scans(db, sql, values):
    plan = [row["detail"] for row in db.read(f"EXPLAIN QUERY PLAN {sql}", values)]
    names = {name: table for table, name in re.findall(r"(?:FROM|JOIN) (\w+) AS (\w+)", sql)}
    whole = {names.get(match[1], match[1]) for step in plan if (match := SCAN.match(step))} & {*LARGE}
    is_large = any(re.search(rf"\b{table}\b", sql) for table in LARGE)
    sorts = {step for step in plan if is_large and "TEMP B-TREE" in step and not any(word in sql for word in SORTS)}
    return whole | sorts
