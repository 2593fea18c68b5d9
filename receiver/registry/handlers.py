"""`@handles`, the handlers that it registers, and what an environment makes of them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeVar

from ..errors import ConfigurationError, DuplicateHandler
from ..events import EVENTS, Delivery, Event, UnknownEvent
from .broken import declarations
from .filters import OTHER, Filter, read_filter
from .needs import Needs, all_of

ATTEMPT_TIMEOUT_S = 20  # a handler's whole attempt; longer than any of its single calls, which end after 10 s
PARALLEL = 4  # attempts at once at one target: 100 a second where each takes a few hundredths of one


class Lane(NamedTuple):
    """One target of one handler, for one source: it has a queue, a pace and a pause of its own."""

    source: str
    handler: str
    target: str


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """What this handler has already done, at this target, for the same call."""

    event: Event
    outcome: str  # "" where no attempt has succeeded yet: what it writes may be there all the same


@dataclass(frozen=True, kw_only=True)
class Run:
    """One handler working on one delivery, as the handler sees it."""

    id: int
    handler: str  # its module and function: `acme.upsert_lead`
    target: str = ""  # "" unless the handler has several
    attempt: int = 1  # every try counts, from 1
    failures: int = 0  # how many earlier attempts failed; one that lost its lease, or paused, did not
    unsure: bool = False  # an earlier attempt may have written: ask the destination before writing again
    settings: Mapping[str, str] = field(default_factory=dict)  # the declared variables, no others
    delivery: Delivery  # `key`, `body` (the signed bytes), `received_us` (microseconds since 1970, UTC)
    check_lease: Callable[[], None] = lambda: None  # call it before each write: raises if the run is lost
    earlier: Callable[[], Sequence[Earlier]] = lambda: ()  # oldest first; runs of one call never overlap

    @property
    def hold(self) -> Callable[[], None]:
        """The former name of `check_lease`, for one release."""
        return self.check_lease


Function = TypeVar("Function", bound=Callable[..., Any])
Targets = Callable[[Mapping[str, str]], Mapping[str, Mapping[str, str]]]
Setup = Callable[[Mapping[str, str]], Iterable[str]]
Check = Callable[[Mapping[str, str]], Iterable[str]]


@dataclass(frozen=True, kw_only=True)
class Handler:
    name: str
    function: Callable[..., Any]
    events: tuple[type[Event], ...]
    needs: Needs | None = None  # None: needs nothing, and is on only where nothing else is
    optional: Mapping[str, str] = field(default_factory=dict)
    targets: Targets | None = None
    timeout_s: float = ATTEMPT_TIMEOUT_S
    parallel: int = PARALLEL
    batch: int = 1
    pace_s: float = 0
    setup: Setup | None = None
    check: Check | None = None
    broken: str = ""  # why its file cannot be imported

    @property
    def module(self) -> str:
        """What its `…_EVENTS` and `receiver setup …` call it."""
        return self.name.partition(".")[0]

    def takes(self, event: str) -> bool:
        """Whether an event of this name is for this handler."""
        return issubclass(EVENTS.get(event, UnknownEvent), self.events)

    def activate(self, env: Mapping[str, str]) -> Activation:
        """Whether `env` turns this handler on, with the settings that each of its targets gets."""
        if self.broken:
            return self.without_file(env)
        if self.needs is None:
            return self.activation("fallback", env, lambda: {"": self.settings(env)})
        if not self.needs.complete(env):
            half = self.needs.begun(env)
            why = f"set {self.needs.missing(env)}"
            return Activation(handler=self, state="misconfigured" if half else "off", why=why)
        settings = self.settings(env)
        return self.activation("on", env, lambda: self.targets(settings) if self.targets else {"": settings})

    def activation(
        self, state: str, env: Mapping[str, str], targets: Callable[[], Mapping[str, Mapping[str, str]]]
    ) -> Activation:
        try:
            narrowed = read_filter(self.module, env)
            return Activation(handler=self, state=state, targets=targets(), wanted=narrowed)
        except ConfigurationError as error:
            return Activation(handler=self, state="misconfigured", why=str(error))
        except Exception as error:  # without its text, which may hold a secret
            why = f"its targets cannot be read ({type(error).__name__})"
            return Activation(handler=self, state="misconfigured", why=why)

    def without_file(self, env: Mapping[str, str]) -> Activation:
        """Its runs wait where one of its variables is set; else nothing is opened for it."""
        handler = self if self.needs and self.needs.begun(env) else replace(self, events=())
        return Activation(handler=handler, state="misconfigured", why=self.broken)

    def settings(self, env: Mapping[str, str]) -> dict[str, str]:
        chosen = {name: env[name].strip() for name in self.needs.chosen(env)} if self.needs else {}
        return chosen | {name: env.get(name, "").strip() or default for name, default in self.optional.items()}


@dataclass(frozen=True, kw_only=True)
class Activation:
    """A handler under one environment: `on`, `off`, `misconfigured` (with `why`), or `fallback` (console)."""

    handler: Handler
    state: str
    source: str = ""
    why: str = ""
    targets: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: {"": {}})
    wanted: Filter = field(default_factory=Filter)

    def takes(self, event: str) -> bool:
        """Whether an event of this name gets a run here."""
        return self.handler.takes(event) and self.wanted.takes(event)

    def lanes(self) -> list[Lane]:
        return [Lane(self.source, self.handler.name, target) for target in self.targets]

    def events(self) -> list[str]:
        """The names of the events that get a run here; `other` stands for those that are not known."""
        return [name for name in (*EVENTS, OTHER) if self.takes(name)]


_registered: dict[str, Handler] = {}


def handles(
    *events: type[Event],
    needs: Needs | str | None = None,
    optional: Mapping[str, str] | None = None,
    targets: Targets | None = None,
    timeout_s: float = ATTEMPT_TIMEOUT_S,
    parallel: int = PARALLEL,
    batch: int = 1,
    pace_s: float = 0,
    setup: Setup | None = None,
    check: Check | None = None,
) -> Callable[[Function], Function]:
    """Register a function `(event, run)` for these events; it comes back unchanged. Its outcome is what it returns.

    `needs` is what turns it on: a variable's name, or an all_of or one_of; without it the handler is on only where no
    other is. `optional` are further variables with their defaults. `targets` is a function of the settings that returns
    the settings of each target by its name, and raises ConfigurationError where they make no sense.

    Requests through the toolkit end after `timeout_s` seconds of an attempt, as a RetryLater. An attempt that takes
    longer all the same ends its process, and has failed. Up to `parallel` attempts run at once at one
    target, each in a thread: 1 is for a destination where the order of writes matters. Two calls at one target begin
    at least `pace_s` seconds apart, whichever workers make them.

    With `batch` over 1 the function gets `(events, runs)`, two sequences of up to so many, and returns an outcome for
    each, in their order. An outcome may be an exception, for that run alone; what the function raises is for all.

    `setup` is what `receiver setup <module>` does, given the settings: it yields a line for each thing done.
    `check` is what `receiver doctor` asks, given the settings, without writing anything: it yields a line for each
    thing that is right, and raises a Pause, GiveUp or RetryLater that says what is not.
    Raises DuplicateHandler where the name is taken.
    """

    def register(function: Function) -> Function:
        name = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
        if is_another(_registered.get(name), function):
            raise DuplicateHandler(f"Two handlers are called {name}: rename one of them.")
        _registered[name] = Handler(
            name=name,
            function=function,
            events=events,
            needs=all_of(needs) if isinstance(needs, str) else needs,
            optional=optional or {},
            targets=targets,
            timeout_s=timeout_s,
            parallel=parallel,
            batch=batch,
            pace_s=pace_s,
            setup=setup,
            check=check,
        )
        return function

    return register


def is_another(namesake: Handler | None, function: Function) -> bool:
    """Whether it is not the same function of the same file, loaded once more."""
    if namesake is None:
        return False
    if namesake.function.__module__ != function.__module__:
        return True
    lines = {getattr(f, "__code__", None) and f.__code__.co_firstlineno for f in (namesake.function, function)}
    return len(lines) > 1 and "<locals>" not in function.__qualname__


def load(package: str) -> dict[str, Handler]:
    """Import every module of `package` and return its handlers by name.

    The handlers of a module that cannot be imported are there too, `broken`. Raises DuplicateHandler.
    """
    root = importlib.import_module(package)
    broken: dict[str, Handler] = {}
    for module in pkgutil.iter_modules(root.__path__):
        broken |= import_handlers(f"{package}.{module.name}")
    whole = {n: h for n, h in _registered.items() if h.function.__module__.rpartition(".")[0] == package}
    return whole | broken


def import_handlers(module: str) -> dict[str, Handler]:
    """Import a handler's file. Returns what is broken where that fails: it stops no other handler."""
    try:
        importlib.import_module(module)
        return {}
    except ConfigurationError:
        raise
    except (Exception, SystemExit) as error:
        for name in [name for name, handler in _registered.items() if handler.function.__module__ == module]:
            del _registered[name]
        why = f"{module} cannot be imported ({type(error).__name__}: {error}): fix it, then start the worker again"
    return {
        name: Handler(name=name, function=never, events=events, needs=needs, broken=why)
        for name, events, needs in declarations(module)
    }


def never(*_: Any) -> None:
    """The function of a handler whose file cannot be imported; it is never on."""


def activate(handlers: Mapping[str, Handler], env: Mapping[str, str]) -> list[Activation]:
    """Every handler under `env`; one that needs nothing is on only where no other is."""
    activations = [handler.activate(env) for handler in handlers.values()]
    idle = not any(a.state == "on" or (a.state == "misconfigured" and a.handler.events) for a in activations)
    return [a if a.state != "fallback" else fallback(a, on=idle) for a in activations]


def fallback(activation: Activation, *, on: bool) -> Activation:
    state, why = ("on", "") if on else ("off", "another handler is on")
    return replace(activation, state=state, why=why)
