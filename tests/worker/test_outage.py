"""An hour's outage of a destination under traffic: one replay brings everything there, and each delivery once."""

import threading
import time
from collections import Counter

from receiver.events import Delivery
from receiver.inbox import Inbox
from receiver.operations import jobs
from tests.support.cli import receiver
from tests.support.processes import started, until
from tests.worker.conftest import WORKER
from tests.worker.test_holds import Target

MINUTE_US = 60_000_000


class Traffic:
    """Calls that came one after the other, from an hour ago on; and some more while they are sent again."""

    def __init__(self, db):
        self.db, self.sent = db, []
        self.began_us = db.now_us() - 60 * MINUTE_US

    def call(self, number):
        for _ in range(number):
            key = f"d-{len(self.sent):03}"
            received_us = self.began_us + len(self.sent) * MINUTE_US // 2
            Inbox(self.db).keep(
                Delivery(key=key, event="call.completed", body=b"{}", call_id=f"call-{key}", received_us=received_us)
            )
            self.sent.append(key)
        self.db.nudge()

    def states(self):
        rows = self.db.read("SELECT state, count(*) AS n FROM runs GROUP BY state")
        return {row["state"]: row["n"] for row in rows}


def test_an_hours_outage_is_repaired_with_one_replay_and_both_sides_count_the_same(bench):
    target, traffic = Target(), Traffic(bench.db)
    arrived = Counter()

    def works(key, _):
        arrived[key] += 1
        return 200

    target.answer = works
    env = bench.env | {"FORWARD_URL": f"http://{target.host}/", "FORWARD_ALLOW_HOSTS": target.host}
    worker = WORKER.replace("tests.toys", "handlers")
    with started("-c", worker, env=env, stdout=(bench.dir / "worker.log").open("a"), stderr=-2):
        traffic.call(20)
        until(lambda: len(arrived) == 20, what="the calls before")
        target.answer = lambda *_: 400  # whoever stands before it knows no such address
        traffic.call(40)
        until(lambda: traffic.states().get("dead") == 40, what="the dead letters")
        target.answer = lambda *_: 503
        traffic.call(40)
        until(lambda: traffic.states().get("retrying", 0) >= 3, what="the first failures")
        going_on = threading.Thread(target=lambda: [traffic.call(1) or time.sleep(0.02) for _ in range(20)])
        going_on.start()
        target.answer = works
        replayed = receiver("replay", "--handler", "forward.forward", "--since", "2h", "--yes", "--json", **env)
        going_on.join()
        until(lambda: traffic.states() == {"succeeded": 120}, within_s=60, what="all of them")
    target.server.shutdown()

    [done] = [one for one in jobs(bench.db)]
    assert (replayed.returncode, done.total >= 40) == (0, True), replayed.stderr
    assert sorted(arrived) == traffic.sent  # what InboundFlow sent, and what the destination has
    assert set(arrived.values()) == {1}
    assert done.total == done.runs("arrived", "opened", "waits", "left")
