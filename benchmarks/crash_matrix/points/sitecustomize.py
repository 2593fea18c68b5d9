"""Python imports this at its start where PYTHONPATH leads here: it marks the points at which processes are stopped.

A process that comes to the point named in the file CRASH_ARMED takes that file away, tells the matrix over the
socket CRASH_SOCKET, and waits. The matrix decides what to kill. CRASH_BUG seeds a mistake into the product,
to see that the matrix finds it.
"""

import contextlib
import os
import socket
import sys
import threading
import time

LABELS = threading.local()
TAKES_JOBS = threading.Event()  # set in a handler's process
WAIT_S = 60


def point(name):
    armed = os.environ["CRASH_ARMED"]
    try:
        with open(armed) as file:
            if file.read() != name:
                return
        os.unlink(armed)
    except FileNotFoundError:
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(WAIT_S)
        sock.connect(os.environ["CRASH_SOCKET"])
        sock.sendall(f"{name} {os.getpid()}\n".encode())
        sock.recv(1)


def role():
    if sys.orig_argv[-1] == "web":
        return "web"
    if not TAKES_JOBS.is_set():
        return "dispatcher"
    matrix = sys.modules.get("handlers.matrix")
    return "helper" if matrix and matrix.pool else "child"


def install():
    import handlers
    from receiver.inbox import attempting, deliveries, opening
    from receiver.queue import RunQueue
    from receiver.store.postgres import Postgres
    from receiver.store.sqlite import Sqlite
    from receiver.worker import leases
    from receiver.worker.jobs import Intake

    for module, name in ((deliveries, "keep"), (attempting, "claim_runs"), (attempting, "finish_runs")):
        setattr(module, name, labelled(name.removesuffix("_runs"), getattr(module, name)))
    for name in ("open", "mark_queued"):
        setattr(opening.Backlog, name, work_labelled(name, getattr(opening.Backlog, name)))
    for database in (Sqlite, Postgres):
        database.transaction = with_points(database.transaction)
    push, check, work = RunQueue.push_all, leases.Leases.check, Intake.work

    def pushed(self, *arguments):
        point("dispatcher.push.before")
        push(self, *arguments)
        point("dispatcher.push.after")

    def checked(self, runs):
        check(self, runs)
        point("child.hold.after")

    def worked(self):
        TAKES_JOBS.set()
        work(self)

    RunQueue.push_all, leases.Leases.check, Intake.work = pushed, checked, worked
    handlers.__path__.append(os.path.join(os.path.dirname(os.path.dirname(__file__)), "handlers"))
    if bug := os.environ.get("CRASH_BUG"):
        BUGS[bug]()


def labelled(name, function):
    """The function runs inside a transaction: note it there, and a claim only where something was claimed."""

    def run(*arguments):
        done = function(*arguments)
        if name != "claim" or done:
            LABELS.seen.append(name)
        return done

    return run


def work_labelled(name, method):
    """The method commits something of its own: note it inside the transaction that it makes."""

    def run(self, *arguments):
        commit = self.db.commit
        self.db.commit = lambda work, **options: commit(labelled(name, work), **options)
        try:
            return method(self, *arguments)
        finally:
            del self.db.commit

    return run


def with_points(transaction):
    @contextlib.contextmanager
    def points(self):
        LABELS.seen = []
        with transaction(self) as tx:
            yield tx
            seen = list(dict.fromkeys(LABELS.seen))
            for name in seen:
                point(f"{role()}.{name}.before")
        for name in seen:
            point(f"{role()}.{name}.after")

    return points


def acknowledge_early():
    """200 before the commit."""
    from receiver.inbox import deliveries

    def keep(self, delivery, *, timeout_s=8):
        self.db.group.submit(lambda tx: late(tx, delivery), nudges=True)
        return "stored"

    def late(tx, delivery):
        time.sleep(0.3)  # so the answer is out before the commit stands still
        return deliveries.keep(tx, delivery, deliveries.columns(delivery))

    deliveries.Inbox.keep = keep


def never_ask():
    """Handlers do not ask the destination after an attempt of unknown end."""
    from dataclasses import replace

    from receiver.worker.handling import HandlerProcess

    run_of = HandlerProcess.run_of
    HandlerProcess.run_of = lambda self, *claims: replace(run_of(self, *claims), unsure=False)


def forget_the_lost():
    """A run whose worker died during an attempt is marked as succeeded.

    No process is stopped at a claim of HubSpot's: the run of another event of the call tells it what was forgotten.
    """
    from receiver.inbox import attempting, takeover

    claim, mark_abandoned = attempting.claim_runs, takeover.mark_abandoned

    def claimed(db, tx, ids, *more):
        claims = claim(db, tx, ids, *more)
        if claims:  # all of one handler
            run = tx.execute("SELECT handler FROM runs WHERE id = ?", (claims[0].id,)).fetchone()
            if run["handler"].startswith("hubspot."):
                LABELS.seen.pop()
        return claims

    def done(tx, run, attempt, now_us):
        lost = mark_abandoned(tx, run, attempt, now_us)
        tx.execute("UPDATE runs SET state = 'succeeded' WHERE id = ? AND state = 'retrying'", (run,))
        return lost

    attempting.claim_runs, takeover.mark_abandoned = claimed, done


def trust_redis():
    """The dispatcher does not notice that Redis lost its jobs."""
    from receiver.dispatch import Dispatcher
    from receiver.queue import RunQueue

    RunQueue.restore_marker = lambda self: False
    Dispatcher.recover = lambda self, lane: len(self.backlog.queued(lane))


def keep_the_file():
    """Writes go on into a file that was moved away."""
    from receiver.store import sqlite

    sqlite.check_in_place = lambda connection, path: None


def take_the_clock_at_its_word():
    """Whatever lies ahead is waited for."""
    from receiver import dispatch
    from receiver.inbox import leadership

    dispatch.limit_waits = lambda *arguments: None
    leadership.turn_back = lambda *arguments: None


def share_the_turn():
    """The turn to write is a lock that a forked process has a share in."""
    import fcntl
    import types

    from receiver.store import turn

    locks = {name: getattr(fcntl, name) for name in ("LOCK_EX", "LOCK_UN")}
    turn.fcntl = types.SimpleNamespace(lockf=fcntl.flock, **locks)


BUGS = {
    "share-the-turn": share_the_turn,
    "keep-the-file": keep_the_file,
    "take-the-clock-at-its-word": take_the_clock_at_its_word,
    "acknowledge-early": acknowledge_early,
    "never-ask": never_ask,
    "forget-the-lost": forget_the_lost,
    "trust-redis": trust_redis,
}

if "CRASH_ARMED" in os.environ and sys.orig_argv[-2:] in (["receiver", "web"], ["receiver", "worker"]):
    install()
