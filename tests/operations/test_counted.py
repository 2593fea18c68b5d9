import pytest

from receiver.operations import backlogs, counted, received, undispatched_deliveries
from receiver.registry import Lane


@pytest.fixture
def limit_of_two():
    before, counted.LIMIT = counted.LIMIT, 2
    yield
    counted.LIMIT = before


def test_a_long_backlog_hides_no_other_lane(story, limit_of_two):
    """Counted up to a limit, each lane and state by itself."""
    backlog = [("a.first", "", 3), ("a.first", "t", 3), ("z.last", "", 1)]
    delivery = story.db.read("SELECT max(id) AS id FROM deliveries")[0]["id"]
    insert = "INSERT INTO runs (delivery_id, handler, target, next_attempt_us) VALUES (?, ?, ?, 1)"
    rows = [(delivery - n, handler, target) for handler, target, number in backlog for n in range(number)]
    story.db.commit(lambda tx: tx.executemany(insert, rows))

    runs = {(each.lane.handler, each.lane.target, each.state): each.runs for each in backlogs(story.db)}

    assert runs == {("a.first", "", "pending"): 2, ("a.first", "t", "pending"): 2, ("z.last", "", "pending"): 1,
                    ("slack.post", "", "pending"): 1, ("slack.post", "", "dead"): 2}  # fmt: skip


def test_a_lane_is_found_by_a_step_in_the_index(db):
    """Not by reading all of the runs that wait: the plan is the database's own word for it."""
    if db.shared:
        pytest.skip("a Postgres of three rows reads them all")
    for condition, index in ((counted.OPEN, "runs_open_in_lane"), (counted.IS_DEAD, "runs_dead_")):
        rows = db.read(f"EXPLAIN QUERY PLAN {counted.NEXT_LANE.format(condition=condition)}", Lane("", "", ""))
        plan = " ".join(row["detail"] for row in rows)

        assert (plan.startswith("SEARCH"), f"INDEX {index}" in plan) == (True, True), plan


def test_counting_reads_no_more_of_a_lane_than_its_limit(db):
    if db.shared:
        pytest.skip("a Postgres of three rows reads them all")
    for sql in (counted.COUNT_OPEN, counted.COUNT_DEAD):
        values = ("", "a", "", 5) * sql.count("LIMIT")
        plan = [row["detail"] for row in db.read(f"EXPLAIN QUERY PLAN {sql}", values)]
        scans = [step for step in plan if "runs" in step]

        assert scans == [step for step in scans if step.startswith("SEARCH runs USING INDEX runs_")], plan
        assert not [step for step in plan if "ORDER BY" in step], plan


def test_what_is_not_dispatched_is_counted_up_to_the_limit(story, limit_of_two):
    before = undispatched_deliveries(story.db)
    for n in range(5):
        story.keep(f"new-{n}")

    assert (before, undispatched_deliveries(story.db)) == (0, 2)


def test_deliveries_are_as_old_as_when_they_were_received(story):
    times = received(story.db, {1, 3})

    assert {id: (story.now - us) // 1_000_000 for id, us in times.items()} == {1: 4 * 3600, 3: 2 * 3600}
