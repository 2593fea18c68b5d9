"""Handlers: functions that say which events they take and which variables turn them on."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from .errors import ConfigurationError, DuplicateHandler
from .events import EVENTS, Delivery, Event, UnknownEvent

CALL_TIMEOUT_S = 20  # a handler's whole attempt; longer than any of its single calls, which end after 10 s
PARALLEL = 4  # attempts at once at one target: 100 a second where each takes a few hundredths of one


@dataclass(frozen=True, kw_only=True)
class Run:
    """One handler working on one delivery, as the handler sees it."""

    id: int
    handler: str
    target: str = ""  # "" unless the handler has several
    attempt: int = 1
    unsure: bool = False  # an earlier attempt's end is unknown: ask the destination before writing again
    settings: Mapping[str, str] = field(default_factory=dict)  # the declared variables, no others
    delivery: Delivery
    hold: Callable[[], None] = lambda: None  # raises LeaseLost where the run is no longer this worker's


Function = TypeVar("Function", bound=Callable[..., str])


@dataclass(frozen=True)
class Variable:
    """One variable. An ambient one stands on many machines anyway: by itself it makes no half."""

    name: str
    ambient: bool = False

    def complete(self, env: Mapping[str, str]) -> bool:
        return bool(env.get(self.name, "").strip())

    def begun(self, env: Mapping[str, str]) -> bool:
        """Whether something was set that only makes sense for this handler."""
        return self.complete(env) and not self.ambient

    def names(self) -> Iterator[str]:
        yield self.name

    def chosen(self, env: Mapping[str, str]) -> Iterator[str]:
        """The variables of the first complete set."""
        if self.complete(env):
            yield self.name

    def missing(self, env: Mapping[str, str]) -> str:
        """What is still to be set, as a person would say it."""
        return "" if self.complete(env) else self.name


@dataclass(frozen=True)
class Needs:
    """All of its parts, or any one of them; in a choice the first complete part wins."""

    parts: tuple[Needs | Variable, ...]
    any_will_do: bool = False

    def complete(self, env: Mapping[str, str]) -> bool:
        return (any if self.any_will_do else all)(part.complete(env) for part in self.parts)

    def begun(self, env: Mapping[str, str]) -> bool:
        return any(part.begun(env) for part in self.parts)

    def names(self) -> Iterator[str]:
        for part in self.parts:
            yield from part.names()

    def chosen(self, env: Mapping[str, str]) -> Iterator[str]:
        complete = [part for part in self.parts if part.complete(env)]
        for part in complete[:1] if self.any_will_do else complete:
            yield from part.chosen(env)

    def missing(self, env: Mapping[str, str]) -> str:
        if self.complete(env):
            return ""
        absent = [part for part in self.parts if not part.complete(env)]
        if self.any_will_do:
            absent = [part for part in absent if part.begun(env)] or absent
        return (" or " if self.any_will_do else " and ").join(part.missing(env) for part in absent)


def all_of(*parts: Needs | Variable | str) -> Needs:
    return Needs(tuple(variable(part) for part in parts))


def one_of(*parts: Needs | Variable | str) -> Needs:
    return Needs(tuple(variable(part) for part in parts), any_will_do=True)


def ambient(name: str) -> Variable:
    return Variable(name, ambient=True)


def variable(part: Needs | Variable | str) -> Needs | Variable:
    return Variable(part) if isinstance(part, str) else part


Targets = Callable[[Mapping[str, str]], Mapping[str, Mapping[str, str]]]


@dataclass(frozen=True, kw_only=True)
class Handler:
    name: str
    function: Callable[..., str]
    events: tuple[type[Event], ...]
    needs: Needs | None  # None: needs nothing, and is on only where nothing else is
    optional: Mapping[str, str]
    targets: Targets | None
    timeout_s: float
    parallel: int

    def takes(self, event: str) -> bool:
        """Whether an event of this name is for this handler."""
        return issubclass(EVENTS.get(event, UnknownEvent), self.events)

    def activate(self, env: Mapping[str, str]) -> Activation:
        """Whether `env` turns this handler on, with the settings that each of its targets gets."""
        if self.needs is None:
            return Activation(handler=self, state="spare", targets={"": self.settings(env)})
        if not self.needs.complete(env):
            half = self.needs.begun(env)
            why = f"set {self.needs.missing(env)}"
            return Activation(handler=self, state="misconfigured" if half else "off", why=why)
        settings = self.settings(env)
        try:
            targets = self.targets(settings) if self.targets else {"": settings}
        except ConfigurationError as error:
            return Activation(handler=self, state="misconfigured", why=str(error))
        return Activation(handler=self, state="on", targets=targets)

    def settings(self, env: Mapping[str, str]) -> dict[str, str]:
        found = {name: env[name].strip() for name in self.needs.chosen(env)} if self.needs else {}
        return found | {name: env.get(name, "").strip() or default for name, default in self.optional.items()}


@dataclass(frozen=True, kw_only=True)
class Activation:
    """A handler under one environment: `on`, `off`, `misconfigured` (with `why`), or `spare` (console)."""

    handler: Handler
    state: str
    why: str = ""
    targets: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: {"": {}})


_registered: dict[str, Handler] = {}


def handles(
    *events: type[Event],
    needs: Needs | str | None = None,
    optional: Mapping[str, str] | None = None,
    targets: Targets | None = None,
    timeout_s: float = CALL_TIMEOUT_S,
    parallel: int = PARALLEL,
) -> Callable[[Function], Function]:
    """Register a function for these events; it comes back unchanged.

    `needs` is what turns it on, `optional` are further variables with their defaults, `targets` splits its
    settings into those of several targets. An attempt that takes longer than `timeout_s` ends its process;
    up to `parallel` of them run at once, each in a thread (1 for a destination that minds the order of writes).
    Raises DuplicateHandler where the name is taken.
    """

    def register(function: Function) -> Function:
        name = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
        there = _registered.get(name)
        if there and there.function.__module__ != function.__module__:
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
        )
        return function

    return register


def load(package: str) -> dict[str, Handler]:
    """Import every module of `package` and return its handlers by name."""
    root = importlib.import_module(package)
    for module in pkgutil.iter_modules(root.__path__):
        importlib.import_module(f"{package}.{module.name}")
    return {n: h for n, h in _registered.items() if h.function.__module__.rpartition(".")[0] == package}


def activate(handlers: Mapping[str, Handler], env: Mapping[str, str]) -> list[Activation]:
    """Every handler under `env`; one that needs nothing is on only where no other is."""
    found = [handler.activate(env) for handler in handlers.values()]
    idle = not any(activation.state in ("on", "misconfigured") for activation in found)
    return [a if a.state != "spare" else turned(a, on=idle) for a in found]


def turned(activation: Activation, *, on: bool) -> Activation:
    state, why = ("on", "") if on else ("off", "another handler is on")
    return Activation(handler=activation.handler, state=state, why=why, targets=activation.targets)
