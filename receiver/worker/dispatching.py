"""The dispatcher's process: it opens and hands out runs, and tells the parent which handlers have work."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from .. import queue, store
from ..dispatch import LOOK_EVERY_S, Dispatcher
from ..errors import StoreError
from ..inbox import PROCESSES, REDIS, Backlog, Trouble, try_changed
from ..locales import Texts, stamp
from ..operations import Routing, label, paused, typed, why_unstored
from ..registry import Activation, name_of, settings_marks
from ..settings import Settings, for_business
from .children import ChildControl
from .crashes import Crashes, CrashReport
from .recording import how_to_resume
from .remains import Remains, Signs
from .sources import Sources

log = logging.getLogger("receiver.worker")

# fmt: off
TEXTS = Texts({
    "on":      ("handler {handler} is on", "el handler {handler} está activo"),
    "held":    ("handler {handler} is on hold since {since}: {resume}",
                "el handler {handler} está en pausa desde {since}: {resume}"),
    "changed": ("its variables have changed: one run tries it", "sus variables han cambiado: un envío lo prueba"),
})
# fmt: on
ROUND_S = 0.04  # from one round to the next under load, so that nudges gather; what comes later waits for nothing


def dispatch(
    settings: Settings,
    routing: Routing,
    worker_id: str,
    request: Callable[[Iterable[str]], None],
    crashes: Crashes,
    control: ChildControl,
) -> None:
    """Dispatch until told to stop. Raises ConfigurationError where the database has no tables."""
    db = store.connect(settings, reads_apart=False)
    Signs(settings, worker_id)  # that it is gone is known at once
    remains = Remains(settings)
    remains.clear()
    runs = queue.RunQueue(queue.connect(settings))
    dispatcher = Dispatcher(Backlog(db), runs, (), worker_id, is_gone=remains.is_gone)
    sources = Sources(db, routing)
    dispatcher.note_redis = Trouble(db, REDIS, worker_id).note
    report = CrashReport(crashes, Trouble(db, PROCESSES, worker_id))
    activations: Sequence[Activation] = ()
    is_ready = was_leader = False
    with contextlib.closing(db.nudges()) as nudges:
        while not control.stop.is_set():
            began = time.monotonic()
            with logging_store_errors():
                if not is_ready:
                    store.ensure_schema(db, newest=True)
                    runs.inbox = store.inbox_name(db)
                    is_ready = True
                if sources.changed():
                    activations = sources.activations()
                    announce(db, activations)
                    dispatcher.use(activations)
                    was_leader = False
                request({lane.handler for lane in dispatcher.tick()})
                if dispatcher.leads and not was_leader:
                    try_changed(db, settings_marks(activations, runs.inbox))
                was_leader = dispatcher.leads
                report.look()
            if nudges.wait(LOOK_EVERY_S):
                time.sleep(rest_s(time.monotonic() - began))
    with contextlib.suppress(StoreError):  # else the lease runs out
        dispatcher.release()


def announce(db: store.Database, activations: Sequence[Activation]) -> None:
    """What is on, and what of it is on hold all the same. Raises StoreError."""
    pauses, marks = {pause.lane: pause for pause in paused(db)}, settings_marks(activations, store.inbox_name(db))
    for activation in activations:
        if activation.state != "on":
            continue
        if not pauses.keys() & set(activation.lanes()):
            log.info("%s", for_business(TEXTS("on", handler=name_of(activation))))
        for lane in activation.lanes():
            if pause := pauses.get(lane):
                changed = pause.settings_mark not in ("", marks[lane])
                resume = TEXTS("changed") if changed else how_to_resume(lane)
                held = TEXTS("held", handler=label(lane), since=stamp(pause.since_us), resume=resume)
                log.warning("%s", for_business(held))


def rest_s(since_began_s: float) -> float:
    """How long a nudge waits for others, so long after the last round began."""
    return max(0.0, ROUND_S - since_began_s)


@contextlib.contextmanager
def logging_store_errors() -> Iterator[None]:
    """A database in trouble ends no dispatcher: say so, and look again in a second."""
    try:
        yield
    except StoreError as error:
        log.warning("the inbox does not answer (%s): trying again. %s", error, typed(why_unstored(error)))
        time.sleep(LOOK_EVERY_S)
