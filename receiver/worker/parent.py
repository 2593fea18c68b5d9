"""The parent: it forks the children and watches them, and holds nothing that must not be forked.

It opens no database and no connection, and starts no thread: SQLite forbids that a connection crosses a fork (its
locks would not be the child's own, and a committed write could vanish), and a thread does not cross it. It imports
the handlers, so that all children share that memory.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import signal
import sys
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from multiprocessing.connection import wait as ready  # select takes no descriptor above 1023
from types import FrameType

from .. import operations, registry
from ..locales import Texts
from ..logs import at
from ..settings import SUPERVISOR, Settings, check_database, for_business, unusable
from .children import ChildControl, Children
from .chores import chores, do_chores
from .crashes import Crashes
from .dispatching import dispatch
from .handling import handle
from .observing import Observe, unobserved

log = logging.getLogger("receiver.worker")

NICENESS = 10  # acknowledging comes first: a sender waits for it, and nobody waits for us
LOOK_EVERY_S = 1.0  # at the children, where nothing is requested
CONFIGURATION_EXIT = 2
# fmt: off
TEXTS = Texts({
    "misconfigured": ("handler {handler} is misconfigured, its runs wait: {why}",
                      "el handler {handler} está mal configurado, sus envíos esperan: {why}"),
    "misspelt":      ("{name} is set, and nothing reads it: is {meant} meant?",
                      "{name} está definida y nada la lee: ¿quizá {meant}?"),
})
# fmt: on
ALWAYS = ("dispatcher", "chores")  # children that run all the time; a handler's runs while it has work


def serve(settings: Settings, handlers_package: str = "handlers", observe: Observe = unobserved) -> None:
    """Work until SIGTERM or SIGINT, or until the `receiver up` that started this worker is gone."""
    with contextlib.suppress(OSError):
        os.nice(NICENESS)
    check_database(settings)
    handlers = registry.discover(handlers_package)
    activations = registry.activate(handlers, os.environ)
    notifiers = registry.notifiers(handlers_package, os.environ)
    announce(activations)
    announce_notifiers(notifiers)
    for name, meant in registry.misspelt(os.environ, [each.handler for each in (*activations, *notifiers)]):
        log.warning("%s", for_business(TEXTS("misspelt", name=name, meant=meant)))
    for sentence in unusable(os.environ):
        log.warning("%s", for_business(sentence))
    requests = Requests()
    crashes = Crashes()
    routing = operations.Routing(settings, handlers, dict(os.environ))
    children = Children(child_work(settings, routing, requests, crashes, observe, notifiers), crashes.add)
    gc.collect()
    gc.freeze()  # a child's collector writes into all that it looks at, and what is written into is no longer shared
    with stop_signals(requests) as stopping:
        while not stopping and supervisor_lives(os.environ):
            children.kill_unresponsive()
            codes = children.reap()
            if codes.get("dispatcher") == CONFIGURATION_EXIT:  # it has said why
                children.stop()
                sys.exit(CONFIGURATION_EXIT)
            children.start_missing([*ALWAYS, *requests.wait(LOOK_EVERY_S)])
        children.stop()


def child_work(
    settings: Settings,
    routing: operations.Routing,
    requests: Requests,
    crashes: Crashes,
    observe: Observe,
    notifiers: Sequence[registry.Activation] = (),
) -> dict[str, Callable[[ChildControl], None]]:
    """What each child does, by its name."""
    worker_id = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"  # this worker's name as the one that leads
    work: dict[str, Callable[[ChildControl], None]] = {
        "dispatcher": partial(dispatch, settings, routing, worker_id, requests.send, crashes),
        "chores": partial(
            do_chores, settings, routing, partial(chores, notifiers=notifiers), worker_id, crashes, observe=observe
        ),
    }
    return work | {name: partial(handle, settings, routing, name, observe) for name in routing.handlers}


def announce(activations: Iterable[registry.Activation]) -> None:
    """What is on the dispatcher tells: it knows what is on hold."""
    for activation in activations:
        if activation.state == "misconfigured":
            handler, source = activation.handler.name, activation.source
            half = TEXTS("misconfigured", handler=at(handler, source), why=activation.why)
            log.warning("%s", for_business(half), extra={"source": source, "handler": handler})


def announce_notifiers(notifiers: Iterable[registry.Activation]) -> None:
    for each in notifiers:
        if each.state == "on":
            log.info("alerts go out by %s", each.handler.name)
        if each.state == "misconfigured":
            log.warning("no alert goes out by %s: %s", each.handler.name, each.why)


def supervisor_lives(env: Mapping[str, str]) -> bool:
    """A worker that somebody else started (a service manager, a shell that has ended) has no supervisor to lose."""
    return env.get(SUPERVISOR, "") in ("", str(os.getppid()))


@contextlib.contextmanager
def stop_signals(requests: Requests) -> Iterator[list[int]]:
    """A list that holds the signal once one has come; who waits for requests is woken."""
    signals: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        signals.append(number)
        requests.send([""])

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, note)
    yield signals


class Requests:
    """The names of handlers that have work, from the dispatcher to the parent, through a pipe."""

    def __init__(self) -> None:
        self.reader, self.writer = os.pipe()
        os.set_blocking(self.reader, False)
        os.set_blocking(self.writer, False)

    def send(self, handlers: Iterable[str]) -> None:
        """One line for each, written at once; where the pipe is full, the next round says it again."""
        with contextlib.suppress(BlockingIOError):
            for handler in sorted(handlers):
                os.write(self.writer, f"{handler}\n".encode())

    def wait(self, timeout_s: float) -> set[str]:
        """The handlers that were requested, at once or within `timeout_s` seconds."""
        ready([self.reader], timeout_s)
        text = b""
        with contextlib.suppress(BlockingIOError):
            while piece := os.read(self.reader, 65_536):
                text += piece
        return set(text.decode().split())
