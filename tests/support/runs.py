"""Both sides of the inbox in one object, for tests that play dispatcher and worker themselves."""

import threading
from contextlib import contextmanager

from receiver.inbox import AbandonedRuns, Attempts, Backlog, acquire_leadership, handlers_on, release_leadership
from receiver.inbox.holding import Failure, note_failure
from receiver.inbox.opening import attempts_of
from receiver.registry import Lane
from receiver.store import place_holders


def hold(db, lane, asked_us, now_us):
    """A destination asks to be left alone for so long."""
    failure = Failure(runs=[0], failure="refused-429", reason="it is called too often", asked_us=asked_us)
    db.commit(lambda tx: note_failure(tx, lane, failure, now_us))


class Runs:
    def __init__(self, db):
        self.db = db
        self.backlog = Backlog(db)
        self.attempts = Attempts(db)
        self.undispatched = self.backlog.undispatched
        self.unqueue = self.backlog.unqueue
        self.claim = self.attempts.claim
        self.earlier = self.attempts.earlier
        self.renew = self.attempts.renew
        self.finish = self.attempts.finish
        self.take_over = AbandonedRuns(db).take_over

    def open(self, runs, dispatched, now_us):
        """`runs` are (delivery, handler, target)."""
        lanes = [(row, Lane(row["source"], handler, target)) for row, handler, target in runs]
        self.backlog.open(lanes, dispatched, now_us)

    def due(self, handler, target, now_us, limit, source=""):
        lane = Lane(source, handler, target)
        return [*self.backlog.due({lane: limit}, now_us)[lane]]

    def mark_queued(self, ids, now_us):
        """As the dispatcher does that found them due just now."""
        marks, values = place_holders(ids)
        rows = self.db.read(f"SELECT id, attempts FROM runs WHERE id IN ({marks})", values)
        self.backlog.mark_queued(attempts_of(rows), now_us)

    def queued(self, handler, target, source=""):
        lane = Lane(source, handler, target)
        return self.backlog.queued([lane])[lane]

    def lead(self, owner, now_us, handlers="", reasons=""):
        return acquire_leadership(self.db, owner, now_us, handlers, reasons=reasons)

    @contextmanager
    def leading(self, owner, handlers="", reasons=""):
        """A worker leads, however long a command takes: it renews its lease as one does that lives."""
        ended = threading.Event()

        def renew():
            while not ended.wait(1):
                self.lead(owner, self.db.now_us())

        self.lead(owner, self.db.now_us(), handlers, reasons)
        worker = threading.Thread(target=renew, daemon=True)
        worker.start()
        yield
        ended.set()
        worker.join()

    def let_go(self, owner, now_us, timeout_s=1):
        release_leadership(self.db, owner, now_us, timeout_s=timeout_s)

    def handlers_on(self):
        return handlers_on(self.db)
