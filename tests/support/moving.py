"""Verbs for a move from a file to Postgres."""

import os
import subprocess
import sys

from receiver.inbox import Inbox, Verdict
from receiver.moving.copy import Copy
from tests.support.deliveries import a_delivery
from tests.support.processes import CHECKOUT
from tests.support.runs import Runs
from tests.support.tools import claim, finish


def fill(db, number, first=0):
    """Deliveries of any bytes, with runs in every state, attempts and conflicts."""
    runs = Runs(db)
    for n in range(first, first + number):
        Inbox(db).keep(a_delivery(key=f"d-{n}", body=bytes(range(256)) * (1 + n % 3), received_body=b"\x00\xff"))
    Inbox(db).keep(a_delivery(key=f"d-{first}", body=b"another"))
    waiting = runs.undispatched(number)
    runs.open([(one, "toy", "") for one in waiting], [one["id"] for one in waiting], 1)
    for row in db.read("SELECT id FROM runs WHERE state = 'pending' AND id % 3 <> 0"):
        claimed = claim(runs, row["id"], "me", 2)
        if row["id"] % 3 == 1:
            finish(runs, claimed, "me", Verdict(state="succeeded", result="succeeded", detail="ünïcode"), 3)
    runs.mark_queued([row["id"] for row in db.read("SELECT id FROM runs WHERE state = 'pending'")], 4)


def copied(db, target):
    copying = Copy(db, target)
    copying.prepare()
    moved = sum(one.different for one in copying.run())
    return moved, copying.verify()


def receiver(*arguments, env):
    return subprocess.Popen(
        [sys.executable, "-m", "receiver", *arguments], env={**os.environ, **env}, cwd=CHECKOUT,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def rows_there(target):
    there = target.read("SELECT to_regclass('deliveries') AS there")[0]["there"]
    return target.read("SELECT count(*) AS n FROM deliveries")[0]["n"] if there else 0
