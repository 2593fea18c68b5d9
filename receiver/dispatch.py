"""The dispatcher: deliveries become runs, due runs become jobs. One is active at a time, wherever it runs."""

from __future__ import annotations

import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence, Set
from functools import partial
from typing import NamedTuple

from redis import RedisError

from .inbox import (
    CHANGED,
    DOWN,
    Backlog,
    Hold,
    acquire_leadership,
    holds,
    leader,
    limit_waits,
    release_leadership,
    throttled,
)
from .locales import Text, Texts
from .logs import at
from .queue import AHEAD_US, RunQueue, problem
from .registry import Activation, Handler, Lane, reasons, summarize
from .settings import for_business
from .store import FromNow, Time

log = logging.getLogger("receiver.dispatch")
# fmt: off
TEXTS = Texts({
    "redis":      ("{trouble}: deliveries are kept, runs wait",
                   "{trouble}: las entregas se guardan, los envíos esperan"),
    "redis_back": ("Redis answers again: runs go on", "Redis vuelve a responder: los envíos continúan"),
    "held":       ("{name} {why}: its runs wait, and one at a time tries it",
                   "{name} {why}: sus envíos esperan, y lo intentan de uno en uno"),
    "failed":     ("failed {n} times in a row", "falló {n} veces seguidas"),
    "asked":      ("is to be left alone for a while", "pidió que se le deje en paz un rato"),
    "changed":    ("was on hold, and its variables have changed", "estaba en pausa, y sus variables han cambiado"),
    "back":       ("{name} answers again: its runs go on", "{name} vuelve a responder: sus envíos continúan"),
})
# fmt: on

OPEN_BATCH = 100  # deliveries in one transaction: while it lasts, no acknowledgement is committed
OPEN_BATCHES = 10  # before runs are handed out, and the lease is renewed
LANES_AT_ONCE = 100  # in one read, and handed out together
WINDOW = 256  # queued runs of a handler that a lane may have; the rest wait in the database, which cannot be flushed
SHARE = 8  # of it, in one of very many lanes: where a business floods, its own runs wait, and those of others do not
JOB_RUNS = 32  # in one job, which costs a process as much as some runs do: nearly what a round hands out at full speed
MISSING_AFTER_US = 4_000_000  # a queued run that is in no waiting job for so long was lost with its worker
REDIS_REST_S = 1.0  # after a failure: a hung Redis costs its time-out this often, not at every nudge
RELEASE_S = 1.0  # at the end of a process, which a hung database must not keep
LOOK_EVERY_S = 1.0  # at what may have been lost, and for runs that have come due


class Queued(NamedTuple):
    """How many runs of a lane have a job, and how many have lost theirs."""

    runs: int = 0
    lost: int = 0


NONE_QUEUED = Queued()


class Dispatcher:
    """`worker_id` names the worker that this dispatcher belongs to; `is_gone` knows of others that have ended."""

    def __init__(
        self,
        backlog: Backlog,
        queue: RunQueue,
        activations: Sequence[Activation],
        worker_id: str,
        now_us: Callable[[], int] | None = None,
        is_gone: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self.backlog = backlog
        self.db = backlog.db
        self.queue = queue
        self.use(activations)
        self.worker_id = worker_id
        self.now_us = now_us or self.db.now_us
        self.lease_time: Callable[[], Time] = now_us or FromNow
        self.is_gone = is_gone
        self.is_behind = False  # with opening: the next round is due at once
        self.is_new = False  # as the one that leads: what was handed out before may be lost
        self.full_lanes: set[Lane] = set()  # whose window holds as many due runs as it can
        self.holds: dict[Lane, Hold] = {}
        self.probed_at: dict[Lane, float] = {}  # by a run that is not due, which no state says to be queued
        self.redis_failed_at: float | None = None
        self.redis_problem = ""
        self.note_redis: Callable[[str], None] = lambda _: None  # what is wrong with it, for others to read

    def use(self, activations: Sequence[Activation]) -> None:
        """From now on runs are opened and handed out by these."""
        self.activations = [a for a in activations if a.state in ("on", "misconfigured")]
        self.lanes = {lane: a.handler for a in self.activations if a.state == "on" for lane in a.lanes()}
        self.of_deliveries = self.lanes.keys() - {lane for a in self.activations for lane in a.daily_lanes()}
        self.by_source: dict[str, list[Activation]] = {}
        self.unassigned: dict[Lane, list[Lane]] = {}  # where runs stand that were opened while targets were not known
        for activation in self.activations:
            self.by_source.setdefault(activation.source, []).append(activation)
            lanes = activation.delivery_lanes()
            if activation.state == "on" and "" not in activation.targets and lanes:
                self.unassigned[Lane(activation.source, activation.handler.name, "")] = lanes
        self.leads, self.renewed_at = False, -LOOK_EVERY_S  # whoever begins to lead notes what is on

    def tick(self) -> set[Lane]:
        """Do all that is due now. Returns the lanes that need a worker. Raises StoreError."""
        if not self.renew_leadership():
            return set(self.lanes)  # another machine dispatches; our workers take their share of the jobs
        self.is_behind = self.open_batches()
        return self.enqueue_due()

    def renew_leadership(self) -> bool:
        """Whether this dispatcher is the active one; once a second it renews that."""
        if time.monotonic() - self.renewed_at < LOOK_EVERY_S:
            return True
        led, self.leads = self.leads, False  # also where the next line raises: another may lead by then
        self.leads = self.acquire_leadership(is_new=not led)
        self.is_new |= self.leads and not led
        if self.leads:
            limit_waits(self.db, {lane: turn_limit_us(handler) for lane, handler in self.lanes.items()}, self.now_us())
            self.renewed_at = time.monotonic()
        return self.leads

    def acquire_leadership(self, *, is_new: bool) -> bool:
        """Whether this one leads; at once where the one that led is known to be gone. Where it `is_new` as the one that
        leads, what is on here is noted. Raises StoreError.
        """
        handlers = json.dumps(summarize(self.activations)) if is_new else ""
        why = json.dumps(reasons(self.activations)) if is_new else ""
        acquire = partial(acquire_leadership, self.db, self.worker_id, self.lease_time(), handlers, reasons=why)
        if acquire():
            return True
        before = leader(self.db)
        return self.is_gone(before) and acquire(gone=before)

    def release(self) -> None:
        """Let another machine's dispatcher, or the next one here, lead at once. Raises StoreError."""
        if self.leads:
            release_leadership(self.db, self.worker_id, self.lease_time(), timeout_s=RELEASE_S)

    def has_room(self) -> bool:
        """Whether some lane could take more. In a burst, what cannot be worked on yet is not even opened."""
        return not self.of_deliveries or not self.of_deliveries <= self.full_lanes

    def open_batches(self) -> bool:
        """Whether there may be more: of a long backlog, what is opened is handed out first."""
        return all(self.has_room() and self.open_runs() for _ in range(OPEN_BATCHES))

    def open_runs(self) -> bool:
        """Open the runs of deliveries that have come in; whether there may be more."""
        deliveries = self.backlog.undispatched(OPEN_BATCH)
        runs = [
            (delivery, lane)
            for delivery in deliveries
            for activation in self.by_source.get(delivery["source"], ())
            if activation.takes(delivery["event"])
            for lane in activation.delivery_lanes()
        ]
        if deliveries:
            self.backlog.open(runs, [delivery["id"] for delivery in deliveries], self.now_us())
        return len(deliveries) == OPEN_BATCH

    def enqueue_due(self) -> set[Lane]:
        """Top up each lane's queue in Redis, and find what was lost there. Returns the lanes with work."""
        if self.redis_failed_at is not None and time.monotonic() - self.redis_failed_at < REDIS_REST_S:
            return set()
        try:
            busy = self.top_up_all()
        except (RedisError, OSError) as error:
            self.log_redis(problem(error))
            self.redis_failed_at = time.monotonic()
            return set()
        self.redis_failed_at = None
        self.log_redis("")
        return busy

    def log_redis(self, trouble: str) -> None:
        """One line when Redis goes, one when it is back."""
        if trouble and trouble != self.redis_problem:
            log.warning("%s", for_business(TEXTS("redis", trouble=trouble)))
        if self.redis_problem and not trouble:
            log.info("%s", for_business(TEXTS("redis_back")))
        self.redis_problem = trouble
        self.note_redis(trouble)

    def top_up_all(self) -> set[Lane]:
        if self.queue.restore_marker():
            self.backlog.unqueue()
        self.full_lanes.clear()
        paused = self.backlog.paused()
        self.look_at_holds(paused)
        blocked = paused | throttled(self.db, self.now_us() + AHEAD_US)
        states = self.backlog.open_lanes()
        if self.assign_targets(states):
            states = self.backlog.open_lanes()
        lanes = [lane for lane in states if lane in self.lanes and lane not in blocked]
        queued = dict.fromkeys(lanes, NONE_QUEUED)
        queued |= self.recover([lane for lane in lanes if "queued" in states[lane]])
        busy = {lane for lane in lanes if queued[lane].runs}
        busy |= {lane for lane in lanes if (hold := self.holds.get(lane)) and self.tries(lane, hold, lane in busy)}
        busy |= self.top_up(self.rooms({lane: states[lane] for lane in lanes if lane not in self.holds}, queued))
        self.is_new = False
        return busy

    def assign_targets(self, lanes: Collection[Lane]) -> bool:
        """Whether there were runs that were opened while their handler's targets could not be read."""
        unassigned = [lane for lane in lanes if lane in self.unassigned]
        for lane in unassigned:
            self.backlog.assign_targets(self.unassigned[lane])
        return bool(unassigned)

    def look_at_holds(self, paused: Set[Lane]) -> None:
        """One line when a lane is held, one when it goes on: what was paused again meanwhile does not."""
        before, self.holds = self.holds, holds(self.db)
        for lane in self.lanes.keys() & (self.holds.keys() ^ before.keys()):
            name = at(" ".join(filter(None, (lane.handler, lane.target))), lane.source)
            extra = lane._asdict()
            if hold := self.holds.get(lane):
                log.warning("%s", for_business(TEXTS("held", name=name, why=why_held(hold))), extra=extra)
            elif lane not in paused:
                log.info("%s", for_business(TEXTS("back", name=name)), extra=extra)

    def rooms(self, lanes: Mapping[Lane, Mapping[str, int]], queued: Mapping[Lane, Queued]) -> dict[Lane, int]:
        """How many runs are to be looked for in each of these lanes, where some wait.

        `lanes` says when the first run in each state is due.
        """
        now_us = self.now_us()
        waiting = {lane for lane, states in lanes.items() if is_due(states, now_us) or queued[lane].lost}
        working = [lane for lane in lanes if lane in waiting or queued[lane].runs]
        of_handler = Counter(lane.handler for lane in working)
        rooms = {
            lane: max(0, window(self.lanes[lane], of_handler[lane.handler]) - queued[lane].runs) for lane in working
        }
        self.full_lanes |= {lane for lane, room in rooms.items() if not room}
        return {lane: room for lane, room in rooms.items() if room and lane in waiting}

    def top_up(self, rooms: Mapping[Lane, int]) -> set[Lane]:
        """Hand out what is due, in some lanes at a time. Returns the lanes where that was something."""
        wanted, busy = list(rooms.items()), set[Lane]()
        for start in range(0, len(wanted), LANES_AT_ONCE):
            limits = dict(wanted[start : start + LANES_AT_ONCE])
            due = self.backlog.due(limits, self.now_us())
            self.full_lanes |= {lane for lane, runs in due.items() if len(runs) >= limits[lane]}
            for portion in portions(due):
                self.hand_out(portion)
                busy |= portion.keys()
        return busy

    def hand_out(self, due: Mapping[Lane, Mapping[int, int]]) -> None:
        """Push them, in all these lanes together: a round trip and a commit cost as much for one run."""
        now_us = self.now_us()
        self.queue.push_all({lane: self.jobs(self.lanes[lane], [*runs]) for lane, runs in due.items()})
        # After the push: a crash between the two repeats the push, and the second job of a run does nothing.
        self.backlog.mark_queued({run: n for runs in due.values() for run, n in runs.items()}, now_us)

    def tries(self, lane: Lane, hold: Hold, is_queued: bool) -> bool:
        """Whether a run is about to try a lane that is held, or is handed out now to do so."""
        return is_queued or hold.probing or self.probe(lane, self.lanes[lane], hold)

    def probe(self, lane: Lane, handler: Handler, hold: Hold) -> bool:
        """Where it is time to, hand out one run to a lane that is held; whether that was done."""
        now_us = self.now_us()
        if hold.until_us > now_us or time.monotonic() - self.probed_at.get(lane, -LOOK_EVERY_S) < LOOK_EVERY_S:
            return False
        attempts, is_due = self.backlog.probe(lane, now_us, early=handler.batch == 1)  # a batch is of what is due
        if not attempts:
            return False
        if is_due:
            self.queue.push(lane, [[*attempts]])
            self.backlog.mark_queued(attempts, now_us)
        elif not self.queue.waiting(lane) & attempts.keys():
            self.queue.push(lane, [[*attempts]])
            self.probed_at[lane] = time.monotonic()
        return True

    def jobs(self, handler: Handler, due: Sequence[int]) -> list[Sequence[int]]:
        """These runs as they are handed out: those of a batch are of one kind of event."""
        groups = self.backlog.by_event(due) if handler.batch > 1 else [due]
        size = runs_in_a_job(handler)
        return [group[i : i + size] for group in groups for i in range(0, len(group), size)]

    def recover(self, lanes: Sequence[Lane]) -> dict[Lane, Queued]:
        """Let runs whose job is gone wait again. Returns how many are still queued, and how many were lost.

        A run in no waiting job was lost, or waits in a busy child: if that has it after all, the claim decides.
        """
        queued, now_us = self.backlog.queued(lanes), self.now_us()
        # Also what a clock that was ahead has queued: else it would be missed only once that time has come.
        old = {
            lane: {run for run, us in runs.items() if self.is_new or abs(now_us - us) > MISSING_AFTER_US}
            for lane, runs in queued.items()
        }
        waiting = self.queue.waiting_in([lane for lane, runs in old.items() if runs])
        lost = {lane: old[lane] - waiting.get(lane, set()) for lane in lanes}
        if any(lost.values()):
            self.backlog.unqueue(sorted(run for runs in lost.values() for run in runs))
        return {lane: Queued(len(queued[lane]) - len(lost[lane]), len(lost[lane])) for lane in lanes}


def portions(due: Mapping[Lane, Mapping[int, int]]) -> Iterator[Mapping[Lane, Mapping[int, int]]]:
    """The runs of some lanes at a time: while they are marked, no acknowledgement is committed."""
    portion: dict[Lane, Mapping[int, int]] = {}
    for lane, runs in due.items():
        if runs:
            portion[lane] = runs
        if sum(map(len, portion.values())) >= WINDOW:
            yield portion
            portion = {}
    if portion:
        yield portion


def why_held(hold: Hold) -> Text:
    """Without what it answered, which may hold what a caller said."""
    if hold.kind == CHANGED:
        return TEXTS("changed")
    return TEXTS("failed", n=hold.failures) if hold.kind == DOWN else TEXTS("asked")


def turn_limit_us(handler: Handler) -> int:
    """How far ahead the next turn may be: after one that was handed out ahead, by the pace."""
    return AHEAD_US + int(handler.pace_s * 1e6)


def is_due(states: Mapping[str, int], now_us: int) -> bool:
    """Whether runs wait that may start. `states` says when the first in each is due."""
    return any(states.get(state, now_us + 1) <= now_us for state in ("pending", "retrying"))


def window(handler: Handler, lanes: int = 1) -> int:
    """How many runs may be queued in a lane, of so many of this handler that have work.

    Of a paced handler only those whose turn is near, as what waits long looks lost.
    """
    if not handler.pace_s:
        share = max(SHARE, WINDOW // lanes)
        return max(share, 2 * handler.batch)  # one batch under way, and the next
    return max(1, int(AHEAD_US / 1e6 / handler.pace_s)) * handler.batch


def runs_in_a_job(handler: Handler) -> int:
    """A job holds a call, or several where they follow each other within a second."""
    calls = min(JOB_RUNS, max(1, int(1 / handler.pace_s))) if handler.pace_s else JOB_RUNS
    return handler.batch if handler.batch > 1 else calls
