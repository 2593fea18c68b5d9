"""A real worker on a job: killed in the middle it goes on with it, and nothing is done twice."""

from collections import Counter

import pytest

from receiver.operations import Selection, job, make_replay, start
from receiver.registry import activate, load
from tests.support.processes import kill_group, until
from tests.support.runs import Runs

NUMBER = 30


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_worker_that_is_killed_goes_on_with_the_job_and_each_run_is_made_once(bench):
    bench.keep(*(f"d-{n}" for n in range(NUMBER)), event="appointment.booked")
    runs = Runs(bench.db)
    rows = runs.undispatched(NUMBER)
    runs.open([(row, "toys.paced", "") for row in rows], [row["id"] for row in rows], 1)
    bench.db.commit(lambda tx: tx.execute("UPDATE runs SET state = 'dead'"))
    shown = make_replay(bench.db, activate(load("tests.toys"), bench.env), Selection(state="dead"))
    start(bench.db, shown.id, seen=NUMBER)

    worker = bench.work()
    until(lambda: len(bench.notes("toys.paced")) > NUMBER // 3, what="a third of it")
    kill_group(worker.pid)
    worker.wait()
    half = job(bench.db, shown.id)
    bench.work()
    done = until(lambda: (now := job(bench.db, shown.id)).state == "done" and now, within_s=60, what="its end")

    made = Counter(line.split()[0] for line in bench.notes("toys.paced"))
    lost = bench.db.read("SELECT count(*) AS n FROM attempts WHERE coalesce(result, '') <> 'succeeded'")[0]["n"]
    assert (half.state, 0 < half.runs("arrived") + half.runs("opened") < NUMBER) == ("running", True)
    assert (done.total, done.runs("arrived")) == (NUMBER, NUMBER)
    assert set(made) == {f"d-{n}" for n in range(NUMBER)}
    assert made.total() <= NUMBER + lost <= NUMBER + 1  # one may have been in a call when it was killed
