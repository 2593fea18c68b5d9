"""What is asked every few seconds, and each evening, reads no whole table."""

import pytest

from receiver import settings
from receiver.operations import concerns, day_counts, learning, outbox, silence, watch
from receiver.registry import Lane
from tests.inbox.test_plans import scanned
from tests.operations.test_outbox import Way
from tests.support.tools import refused

STATEMENTS = [
    (concerns, "WAITING", ("", "slack.post", "")),
    (concerns, "DEAD", ()),
    (concerns, "WORK", ()),
    (concerns, "BY_HAND", ("", 5)),
    (silence, "LAST_SIGN", ("", 5) * 3),
    (learning, "READ", (0, 200)),
    (learning, "START", (5,)),
    (day_counts, "PAGES", (0, 9, 0, 0, 5)),
    (day_counts, "ARRIVED", (0, 9)),
    (outbox, "OLDEST", ("slack.alert",)),
]


def sql_of(function, name):
    """A module and the function that it is called by have one name."""
    return vars(__import__(function.__module__, fromlist=["x"]))[name] if callable(function) else vars(function)[name]


@pytest.mark.parametrize(
    ("place", "name", "values"), STATEMENTS, ids=lambda value: value if isinstance(value, str) else ""
)
def test_no_statement_reads_a_whole_table(db, database_url, place, name, values):
    sql = sql_of(place, name)
    if database_url:
        whole = scanned(database_url, sql, values)
    else:
        with db.transaction() as tx:
            steps = [row["detail"] for row in tx.execute(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()]
        tables = ("deliveries", "runs", "alerts", "d", "r", "e")
        whole = {
            step for step in steps if step.startswith("SCAN") and "USING" not in step and step.split()[1] in tables
        }

    assert whole == set()


def test_what_is_seen_is_put_into_the_outbox_of_each_way(db, env):
    way = Way(db)
    refused(db, Lane("", "slack.post", ""), "gone")
    watch(db, settings.read(env), [way.activation])
    way.turn()

    assert way.taken == ["Needs attention: Slack is on hold, and 0 deliveries wait for it: gone"]
