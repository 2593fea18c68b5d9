"""The dispatcher's process: it opens and hands out runs, and tells the parent which handlers have work."""

from __future__ import annotations

import contextlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from .. import queue, store
from ..dispatch import LOOK_EVERY_S, Dispatcher
from ..errors import StoreError
from ..inbox import PROCESSES, REDIS, Backlog, Trouble, end_troubles, try_changed
from ..locales import Text, Texts, stamp
from ..logs import at
from ..operations import Routing, label, paused, typed, why_unstored
from ..registry import Activation, settings_marks
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
    "on_for":  ("handler {handler} is on for {n:business|businesses} more",
                "el handler {handler} está activo para {n:negocio|negocios} más"),
    "held":    ("handler {handler} is on hold since {since}: {resume}",
                "el handler {handler} está en pausa desde {since}: {resume}"),
    "changed": ("its variables have changed: one run tries it", "sus variables han cambiado: un envío lo prueba"),
})
# fmt: on
NAMED = 20  # handlers that are on, in the log
ROUND_S = 0.04  # from one round to the next under load, so that nudges gather; what comes later waits for nothing
LONGEST_REST_S = 0.2


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
                    before, activations = activations, sources.activations()
                    announce(db, activations, before)
                    dispatcher.use(activations)
                    was_leader = False
                request({lane.handler for lane in dispatcher.tick()})
                if dispatcher.leads and not was_leader:
                    try_changed(db, settings_marks(activations, runs.inbox))
                    end_troubles(db, remains.is_gone)
                was_leader = dispatcher.leads
                report.look()
            took_s = time.monotonic() - began
            if dispatcher.is_behind or nudges.wait(LOOK_EVERY_S):
                time.sleep(rest_s(took_s, time.monotonic() - began))
    with contextlib.suppress(StoreError):  # else the lease runs out
        dispatcher.release()


def announce(db: store.Database, activations: Sequence[Activation], before: Sequence[Activation] = ()) -> None:
    """What is on that was not `before`, and what of it is on hold all the same. Raises StoreError."""
    known = {(each.source, each.handler.name) for each in before if each.state == "on"}
    new = [each for each in activations if each.state == "on" and (each.source, each.handler.name) not in known]
    pauses, marks = {pause.lane: pause for pause in paused(db)}, settings_marks(new, store.inbox_name(db))
    free = [activation for activation in new if not pauses.keys() & set(activation.lanes())]
    for line, extra in names_of(free):
        log.info("%s", for_business(line), extra=extra)
    for lane in marks.keys() & pauses.keys():
        pause = pauses[lane]
        changed = pause.settings_mark not in ("", marks[lane])
        resume = TEXTS("changed") if changed else how_to_resume(lane)
        held = TEXTS("held", handler=label(lane), since=stamp(pause.since_us), resume=resume)
        log.warning("%s", for_business(held), extra=lane._asdict())


def names_of(activations: Sequence[Activation]) -> Iterator[tuple[Text, dict[str, str]]]:
    """A line for each, as long as they are few, with what it is about; of many businesses one for each handler."""
    if len(activations) <= NAMED:
        for activation in activations:
            handler, source = activation.handler.name, activation.source
            yield TEXTS("on", handler=at(handler, source)), {"source": source, "handler": handler}
        return
    yield from names_of([activation for activation in activations if not activation.source][:NAMED])
    for name, number in Counter(each.handler.name for each in activations if each.source).items():
        yield TEXTS("on_for", handler=name, n=number), {"handler": name}


def rest_s(took_s: float, since_began_s: float) -> float:
    """How long a nudge waits for others, so long after the last round began, which took so long.

    After a long round for half of that: then the machine has more to do than it can, and each round finds more.
    """
    return max(0.0, max(ROUND_S, took_s + min(took_s / 2, LONGEST_REST_S)) - since_began_s)


@contextlib.contextmanager
def logging_store_errors() -> Iterator[None]:
    """A database in trouble ends no dispatcher: say so, and look again in a second."""
    try:
        yield
    except StoreError as error:
        log.warning("the inbox does not answer (%s): trying again. %s", error, typed(why_unstored(error)))
        time.sleep(LOOK_EVERY_S)
