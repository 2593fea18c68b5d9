"""Says in the log, in a line for each call, where its events have gone. No line holds what a caller said or is called.

It reads the database once a second. A line waits for the call's other events, and for its destinations; where one of
these takes long, a second line says when the call is there.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from datetime import datetime

from .. import store
from ..errors import StoreError
from ..events import EVENTS
from ..inbox import ENDED
from ..locales import ENGLISH, Locale, Text, Texts, joined, localized
from ..operations import Arrival, arrivals_after, arrivals_of, command, newest_run, place_of
from ..settings import Settings
from .supervisor import Program

log = logging.getLogger("receiver.up")

LOOK_S = 1.0
QUIET_S = 2.0  # since the last event of a call: those of one call come within a second of each other
PATIENCE_S = 15.0  # then the line is said without what has not arrived
LINES = 10  # at once; more is nothing that a person reads
WATCHED = 500  # runs
END_S = 1.0  # for a look that is under way; the programs have to end too
# fmt: off
TEXTS = Texts({
    "more":    ("and {n:more call|more calls}", "y {n:llamada más|llamadas más}"),
    "call":    ("the call of {at} ({events}) {says}", "la llamada de las {at} ({events}) {says}"),
    "other":   ("what came at {at} ({events}) {says}", "lo que llegó a las {at} ({events}) {says}"),
    "there":   ("has reached {places}", "llegó a {places}"),
    "late":    ("has now reached {places}", "ya llegó a {places}"),
    "waits":   ("waits for {places}", "espera a {places}"),
    "dead":    ("cannot reach {places}: `{command}` says more", "no puede llegar a {places}: `{command}` dice más"),
    "unknown": ("another event", "otro evento"),
    "and":     (" and ", " y "),
})
# fmt: on
SAYS_IT_ITSELF = "console.show"


class Arrivals(Program):
    """A thread among the programs: it starts with them, and is stopped before the database may be."""

    def __init__(self, settings: Settings) -> None:
        super().__init__("arrivals", (), env={})
        is_new = not settings.database_url and not settings.database_path.exists()
        self.teller = Teller(store.connect(settings), 0 if is_new else None, locale=settings.locale)
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.watch, name="arrivals", daemon=True)

    def check(self) -> None:
        if not self.thread.ident:
            self.thread.start()

    def watch(self) -> None:
        with closing(self.teller.db):
            while not self.stopped.wait(LOOK_S):
                with suppress(StoreError):  # it is not there yet, or in trouble, which the web process reports
                    for line in self.teller.look():
                        log.info(line)

    def stop(self, deadline: float) -> None:
        self.stopped.set()
        if self.thread.ident:
            self.thread.join(max(0.0, min(END_S, deadline - time.monotonic())))


class Teller:
    """What was seen of the runs so far. `last` is the newest one that was there before; None: not known yet."""

    def __init__(
        self, db: store.Database, last: int | None, clock: Callable[[], float] = time.time, locale: Locale = ENGLISH
    ) -> None:
        self.db = db
        self.locale = locale
        self.last = last
        self.clock = clock
        self.watched: dict[int, Arrival] = {}
        self.late: set[int] = set()  # of these a line has said that they are not there yet

    def look(self) -> list[str]:
        """The lines that are due. Raises StoreError."""
        if self.last is None:
            self.last = newest_run(self.db)
        new = arrivals_after(self.db, self.last)
        self.last = max([self.last, *(arrival.run for arrival in new)])
        runs = [*self.watched, *(arrival.run for arrival in new if arrival.handler != SAYS_IT_ITSELF)][-WATCHED:]
        self.watched = {arrival.run: arrival for arrival in arrivals_of(self.db, runs)}
        self.late &= self.watched.keys()
        due = [call for call in self.calls() if self.is_due(call)]
        lines = [line for call in due if (line := told(call, late=call[0].run in self.late))]
        if len(lines) > LINES:
            lines = [*lines[:LINES], TEXTS("more", n=len(lines) - LINES)]
        for call in due:
            self.put_away(call)
        return [localized(line, self.locale) for line in lines]

    def calls(self) -> Iterable[list[Arrival]]:
        """The runs of each call together; those that a line has named already by themselves."""
        calls: dict[object, list[Arrival]] = {}
        for arrival in self.watched.values():
            call = arrival.call_id or arrival.delivery
            calls.setdefault((arrival.source, call, arrival.run in self.late), []).append(arrival)
        return calls.values()

    def is_due(self, call: Sequence[Arrival]) -> bool:
        age_s = self.clock() - max(arrival.received_us for arrival in call) / 1e6
        has_ended = all(arrival.state in ENDED for arrival in call)
        if call[0].run in self.late:
            return has_ended
        return age_s >= (QUIET_S if has_ended else PATIENCE_S)

    def put_away(self, call: Iterable[Arrival]) -> None:
        for arrival in call:
            if arrival.state in ENDED:
                self.watched.pop(arrival.run)
                self.late.discard(arrival.run)
            else:
                self.late.add(arrival.run)


def told(call: Sequence[Arrival], *, late: bool) -> str:
    """The line of these runs; "" where all were skipped."""
    first = min(arrival.received_us for arrival in call)
    names = [place_of(arrival.handler) for arrival in call]
    ends = {name: end(arrival.state for arrival in call if place_of(arrival.handler) == name) for name in names}
    there, given_up, waiting = (listed(ends, state) for state in ("there", "given up", "waiting"))
    says = [
        TEXTS("late" if late else "there", places=there) if there else "",
        TEXTS("waits", places=waiting) if waiting else "",
        TEXTS("dead", places=given_up, command=command("deliveries --state dead")) if given_up else "",
    ]
    what = "call" if call[0].call_id else "other"
    at = datetime.fromtimestamp(first / 1e6).strftime("%H:%M:%S")
    line = TEXTS(what, at=at, events=joined(", ", events(call)), says=joined("; ", filter(None, says)))
    return line if any(says) else ""


def end(states: Iterable[str]) -> str:
    """Of a destination: the worst of its runs counts."""
    found = set(states)
    if "dead" in found:
        return "given up"
    return "waiting" if found - {*ENDED} else "there" if "succeeded" in found else "skipped"


def events(call: Iterable[Arrival]) -> list[str]:
    """In the order in which they came. A name that is not known may hold anything, and is not shown."""
    names = [arrival.event if arrival.event in EVENTS else TEXTS("unknown") for arrival in call]
    return [*dict.fromkeys(names)]


def listed(ends: Mapping[str, str], state: str) -> Text:
    names = [name for name, end in ends.items() if end == state]
    return joined(TEXTS("and"), [*filter(None, [joined(", ", names[:-1])]), *names[-1:]])
