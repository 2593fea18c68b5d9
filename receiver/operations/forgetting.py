"""Deleting at the destinations what was brought there of a person, by the handlers that can.

Whatever becomes of it, the person is erased here. What a destination refused to delete for now is owed: of its run the
place stays, without a name, a number, an address or a call's id, and the next erasure at destinations tries it again.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from ..errors import GiveUp, Pause, RetryLater
from ..events import Event, read_event
from ..inbox import Attempts, from_row, take_turn
from ..locales import Text, Texts
from ..registry import Activation, Earlier, Lane, Run, within
from ..store import Database
from .brought import Brought, activation_of
from .receipts import Place
from .subject import Marks

TRIES = 3
PAUSE_S = 1  # before another try, where the destination asks for nothing else
LONGEST_WAIT_S = 60  # so long Google's quota takes to fill up; who asks for more is asked by the next erasure
AHEAD_US = 60_000_000  # the same for the turns of a lane that is called at a pace
GRACE_S = 5  # after a handler's time: its own client may keep to no deadline
REASON_CHARS = 300

# fmt: off
TEXTS = Texts({
    "silent":  ("it did not end within {seconds} s", "no terminó en {seconds} s"),
    "raised":  ("it failed ({error})", "falló ({error})"),
    "not_set": ("it is not set up as it should be: {why}", "no está configurado como debe: {why}"),
    "busy":    ("it is to be left alone for now", "por ahora no se le puede llamar"),
})
# fmt: on


ONE = """
SELECT d.*, r.id AS run, r.handler, r.target, r.attempts FROM runs AS r JOIN deliveries AS d ON d.id = r.delivery_id
WHERE r.id = ?
"""


def forget(
    db: Database,
    activations: Sequence[Activation],
    found: Sequence[Brought],
    hide: Marks,
    sleep: Callable[[float], object] = time.sleep,
) -> list[Brought]:
    """Delete what the handlers can, and say of each place what became of it, in the order given. Raises StoreError.

    The latest goes first: replies before what they reply to.
    """
    forgetting = Forgetting(db, activations, hide, sleep)
    places = {each.run: forgetting.forget(each) for each in sorted(found, key=lambda each: -each.run)}
    return [replace(each, place=places[each.run]) for each in found]


class Forgetting:
    def __init__(
        self, db: Database, activations: Sequence[Activation], hide: Marks, sleep: Callable[[float], object]
    ) -> None:
        self.db, self.activations, self.hide, self.sleep = db, activations, hide, sleep
        self.refused: dict[Lane, str] = {}  # lanes at which every next call would be refused too, and why

    def forget(self, each: Brought) -> Place:
        """Never raises."""
        try:
            return self.judged(each)
        except Exception as error:  # a destination's library may raise anything, and the text may hold a secret
            return replace(each.place, why=TEXTS("raised", error=type(error).__name__), owed=each.place.certain)

    def judged(self, each: Brought) -> Place:
        place, lane = each.place, each.place.lane
        why = self.misconfigured(lane) or self.refused.get(lane, "")
        if why:
            return replace(place, why=why, owed=place.certain)
        activation = activation_of(self.activations, lane)
        if not (place.deletable and activation):
            return place
        try:
            return replace(place, deleted=True, stays=self.hide.hidden(self.in_tries(activation, each)))
        except GiveUp as error:
            return replace(place, why=self.reason(error))
        except (Pause, RetryLater) as error:
            self.refused[lane] = self.reason(error)
            return replace(place, why=self.refused[lane], owed=place.certain)

    def misconfigured(self, lane: Lane) -> Text | str:
        own = (each for each in self.activations if (each.source, each.handler.name) == (lane.source, lane.handler))
        activation = next((each for each in own if each.state == "misconfigured" and each.handler.forget), None)
        return TEXTS("not_set", why=activation.why) if activation else ""

    def reason(self, error: Exception) -> Text | str:
        text = (error.args and error.args[0]) or type(error).__name__
        return text if isinstance(text, Text) else self.hide.hidden(str(text)[:REASON_CHARS])

    def in_tries(self, activation: Activation, each: Brought) -> str:
        """What stays there. Raises what the handler raises, once waiting would help no more."""
        for number in itertools.count(1):
            self.wait_for_turn(activation, each.place.lane)
            event, run = self.run_of(activation, each)
            try:
                return called(activation, event, run, each.outcome)
            except RetryLater as error:
                asked_s = getattr(error, "delay_s", None)  # a subclass may not have called __init__
                wait_s = asked_s if isinstance(asked_s, int | float) and asked_s > 0 else PAUSE_S
                if number == TRIES or wait_s > LONGEST_WAIT_S:
                    raise
                self.sleep(wait_s)
        raise AssertionError("count has no end")

    def wait_for_turn(self, activation: Activation, lane: Lane) -> None:
        """With the worker, which calls this lane too."""
        pace_us, now_us = int(activation.handler.pace_s * 1e6), self.db.now_us()
        if not pace_us:
            return
        turn_us = take_turn(self.db, lane, pace_us=pace_us, ahead_us=AHEAD_US, now_us=now_us)
        if turn_us is None:
            raise RetryLater(TEXTS("busy"), delay_s=LONGEST_WAIT_S + 1)
        self.sleep(max(0, turn_us - now_us) / 1e6)

    def run_of(self, activation: Activation, each: Brought) -> tuple[Event, Run]:
        """The run as the worker would give it, and its event; of an erased delivery these say no more than its key."""
        row = self.db.read(ONE, (each.run,))[0]
        earlier = tuple(
            Earlier(event=read_event(from_row(other)), outcome=other["outcome"], received_us=other["received_us"])
            for other in Attempts(self.db).earlier(each.run)
        )
        delivery = from_row(row)
        run = Run(
            id=each.run,
            handler=row["handler"],
            target=row["target"],
            attempt=row["attempts"] + 1,
            unsure=True,
            settings=activation.targets[row["target"]],
            delivery=delivery,
            earlier=lambda: earlier,
        )
        return read_event(delivery), run


def called(activation: Activation, event: Event, run: Run, outcome: str) -> str:
    """In a thread: whatever a handler's client waits for, it keeps nobody from being erased."""
    handler = activation.handler
    ends: list[object] = []

    def work() -> None:
        try:
            with within(handler.timeout_s):
                ends.append(handler.forget(event, run, outcome) or "" if handler.forget else "")
        except BaseException as error:
            ends.append(error)

    thread = threading.Thread(target=work, daemon=True, name="forget")
    thread.start()
    thread.join(handler.timeout_s + GRACE_S)
    end = ends[0] if ends else Pause(TEXTS("silent", seconds=int(handler.timeout_s + GRACE_S)))
    if isinstance(end, Exception):
        raise end
    if isinstance(end, BaseException):  # SystemExit, out of a library
        raise RuntimeError(type(end).__name__) from end
    return str(end)
