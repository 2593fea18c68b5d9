"""No statement on a delivery's way reads a whole table on Postgres. (SQLite: test_attempting.py, test_leadership.py.)

The server is told to avoid sequential scans, as on small tables it prefers them: one that is left has no index to go by.
"""

import re
from functools import partial

import psycopg
import pytest
from psycopg.rows import dict_row

from receiver.events import Delivery
from receiver.inbox import Inbox, undispatched_count
from receiver.inbox.opening import DUE
from receiver.registry import Lane
from receiver.store import postgres_session, was_moved
from tests.inbox.test_attempting import DONE, NOW, TIMEOUT_US, claim, finish, opened
from tests.support.runs import Runs

TABLES = ("deliveries", "runs", "attempts", "conflicts")  # and their indexes
ONLY_SOURCE = re.compile(r"\(source = '.*'::text\)")


@pytest.fixture
def asked(monkeypatch):
    """The statements that were executed, each with its values."""
    seen = {}
    statements = postgres_session.Statements
    execute, executemany, execute_each = statements.execute, statements.executemany, statements.execute_each

    def note_each(method, sql, each):
        each = list(each)
        seen.update((sql, values) for values in each)
        return method(sql, each)

    def note(self, sql, values=()):
        seen[sql] = values
        return execute(self, sql, values)

    monkeypatch.setattr(statements, "execute", note)
    monkeypatch.setattr(statements, "executemany", lambda self, *asked: note_each(partial(executemany, self), *asked))
    monkeypatch.setattr(statements, "execute_each", lambda self, *asked: note_each(partial(execute_each, self), *asked))
    return seen


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_no_statement_on_a_deliverys_way_reads_a_whole_table(db, database_url, asked):
    inbox, runs = Inbox(db), Runs(db)
    for body in (b"{}", b"{}", b"other"):  # new, a duplicate, a conflict
        inbox.keep(Delivery(key="first", body=body, received_us=1))
    runs.backlog.undispatched(9)
    opened(runs, "a", call_id="one")
    runs.backlog.assign_targets([Lane("", "toy", "x")])
    runs.mark_queued(runs.due("toy", "x", NOW, 9), NOW)
    runs.queued("toy", "x")
    runs.unqueue()
    [run, *_] = runs.due("toy", "x", NOW, 9)
    claimed = claim(runs, run, "one", NOW)
    runs.take_over("toy", TIMEOUT_US, NOW)
    runs.renew("one", [run], NOW)
    finish(runs, claimed, "one", DONE, NOW)
    undispatched_count(db)
    db.commit(was_moved)

    scans = {sql: found for sql, values in asked.items() if (found := scanned(database_url, sql, values))}

    assert len(asked) > 20
    assert scans == {}


FLOOD = (
    "INSERT INTO deliveries (source, key, event, call_id, received_us, body, headers, problems, dispatched_us) "
    "SELECT %(source)s, 'd' || n, 'x', 'call ' || n, 1, 'x', '{}', '[]', 1 FROM generate_series(1, %(number)s) AS n",
    "INSERT INTO runs (delivery_id, source, handler, target, call_id, next_attempt_us, state) "
    "SELECT id, source, 'toy', '', call_id, 1, 'pending' FROM deliveries WHERE source = %(source)s",
)


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@pytest.mark.parametrize("is_known", [False, True])
def test_what_is_due_in_a_flooded_lane_is_found_without_reading_the_flood(db, database_url, is_known):
    """Whether the server has counted the flood yet or not."""
    with psycopg.connect(database_url, autocommit=True, row_factory=dict_row) as connection:
        for number, source in [(1000, "quiet"), (3000, "loud")]:
            for sql in FLOOD:
                connection.execute(sql, {"source": source, "number": number})
            if source == "quiet" or is_known:
                connection.execute("ANALYZE")
        connection.execute("SET plan_cache_mode = force_generic_plan")  # as after some executions
        first, *others = DUE.split("?")
        numbered = first + "".join(f"${number}{text}" for number, text in enumerate(others, start=1))
        types = ", ".join(["text", "text", "text", "bigint", "bigint", "int"] * 2)
        connection.execute(f"PREPARE due ({types}, int) AS {numbered}")
        execute = f"EXECUTE due ('loud', 'toy', '', {NOW}, {NOW}, 8, 'loud', 'toy', '', {NOW}, {NOW}, 8, 8)"
        [told] = connection.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {execute}").fetchone().values()

    plan = told[0]["Plan"]
    assert plan["Actual Rows"] == 8
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < 200


def scanned(url, sql, values):
    """The tables that the server would read from end to end."""
    if sql.lstrip().split()[0] not in ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH"):
        return set()
    bound = [getattr(value, "us", value) for value in values]
    with psycopg.connect(url) as connection:
        connection.execute("SET enable_seqscan = off")
        statement = "EXPLAIN (FORMAT JSON) " + postgres_session.placeholders(sql)
        [[plan]] = connection.execute(statement, bound or None).fetchone()
    return {table for table in sequential(plan["Plan"]) if table.startswith(TABLES)}


def sequential(node):
    """Also by an index of which only the source is known: with one business that is every row."""
    if node["Node Type"] == "Seq Scan" or ONLY_SOURCE.fullmatch(node.get("Index Cond", "")):
        yield node.get("Relation Name", node.get("Index Name"))
    for child in node.get("Plans", ()):
        yield from sequential(child)
