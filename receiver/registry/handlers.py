"""A handler, and what an environment makes of it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import ConfigurationError
from ..events import EVENTS, Event, UnknownEvent
from ..locales import Text, Texts
from ..settings import BUSINESS, business
from .daily import DAILY_AT, check_daily
from .filters import OTHER, Filter, read_filter
from .needs import Needs
from .private import holds_value
from .run import Lane, Run

ATTEMPT_TIMEOUT_S = 20  # a handler's whole attempt; longer than any of its single calls, which end after 10 s
PARALLEL = 20  # attempts at once at one target: over 60 a second where each takes 0.3 s

# fmt: off
TEXTS = Texts({
    "set":        ("set {names}", "define {names}"),
    "unreadable": ("its variables cannot be read ({error})", "no se pueden leer sus variables ({error})"),
    "example":    ("{name} still has the … of an example in it: put your own value there",
                   "{name} todavía lleva el … de un ejemplo: pon ahí tu propio valor"),
    "control":    ("{name} has a control character in it: copy it again",
                   "{name} contiene un carácter de control: cópialo otra vez"),
    "another":    ("another handler is on", "hay otro handler activo"),
})
# fmt: on
Targets = Callable[[Mapping[str, str]], Mapping[str, Mapping[str, str]]]
Validate = Callable[[Mapping[str, str]], None]
Setup = Callable[[Mapping[str, str]], Iterable[str]]
Check = Callable[[Mapping[str, str]], Iterable[str]]
Asks = bool | Callable[[Mapping[str, str]], bool]
Link = Callable[[str, Mapping[str, str]], str]
Forget = Callable[[Event, Run, str], str | None]
Forgets = bool | Callable[[Mapping[str, str]], bool]


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
    validate: Validate | None = None
    setup: Setup | None = None
    check: Check | None = None
    asks: Asks = True  # what is at the destination, before it writes again
    label: str = ""
    link: Link | None = None
    forget: Forget | None = None
    forgets: Forgets = True  # what it brought to the destination, with these settings
    broken: str = ""  # why its file cannot be imported
    origin: str = ""  # the installed package that it comes from, with its version; "" for a file of ours

    @property
    def module(self) -> str:
        """What its `…_EVENTS` and `receiver setup …` call it."""
        return self.name.partition(".")[0]

    @property
    def title(self) -> str:
        """How people call the destination."""
        return self.label or self.module.replace("_", " ").capitalize()

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
            why = to_set(self.needs, frozenset(name for name in self.needs.names() if env.get(name, "").strip()))
            return Activation(handler=self, state="misconfigured" if half else "off", why=why)
        settings = self.settings(env)
        return self.activation("on", env, lambda: self.targets(settings) if self.targets else {"": settings})

    def variables(self) -> Iterator[str]:
        """The names of those that it reads."""
        yield from self.needs.names() if self.needs else ()
        yield from self.optional
        yield from (f"{self.module.upper()}_EVENTS", f"{self.module.upper()}_URGENCY")

    def activation(
        self, state: str, env: Mapping[str, str], targets: Callable[[], Mapping[str, Mapping[str, str]]]
    ) -> Activation:
        try:
            narrowed = read_filter(self.module, env)
            check_values(self.needed(env))
            if self.validate:
                self.validate(self.settings(env))
            by_name = targets()
            check_daily(by_name)
            return Activation(handler=self, state=state, targets=by_name, wanted=narrowed)
        except ConfigurationError as error:
            why = error.args[0] if error.args else ""
            tells = holds_value(why, [env.get(name, "") for name in {*self.variables()} - BUSINESS.keys()])
            return Activation(handler=self, state="misconfigured", why=why, tells_value=tells)
        except Exception as error:  # without its text, which may hold a secret
            why = TEXTS("unreadable", error=type(error).__name__)
            return Activation(handler=self, state="misconfigured", why=why)

    def without_file(self, env: Mapping[str, str]) -> Activation:
        """Its runs wait where one of its variables is set; else nothing is opened for it."""
        handler = self if self.needs and self.needs.begun(env) else replace(self, events=())
        return Activation(handler=handler, state="misconfigured", why=self.broken, tells_value=True)

    def settings(self, env: Mapping[str, str]) -> dict[str, str]:
        further = {name: env.get(name, "").strip() or default for name, default in self.optional.items()}
        return self.needed(env) | further | {name: business(env, name) for name in BUSINESS.keys() & further.keys()}

    def needed(self, env: Mapping[str, str]) -> dict[str, str]:
        """The variables that turn it on."""
        return {name: env[name].strip() for name in self.needs.chosen(env)} if self.needs else {}


@functools.cache
def to_set(needs: Needs, present: frozenset[str]) -> Text:
    """What is missing where these are set: of many businesses most lack the same, so it is written once."""
    return TEXTS("set", names=needs.missing(dict.fromkeys(present, "set")))


def check_values(needed: Mapping[str, str]) -> None:
    """Raises ConfigurationError for what a variable that turns a handler on cannot mean, whichever it is."""
    for name, value in needed.items():
        if "…" in value:
            raise ConfigurationError(TEXTS("example", name=name))
        if any(not letter.isprintable() and not letter.isspace() for letter in value):
            raise ConfigurationError(TEXTS("control", name=name))


@dataclass(frozen=True, kw_only=True)
class Activation:
    """A handler under one environment: `on`, `off`, `misconfigured` (with `why`), or `fallback` (console)."""

    handler: Handler
    state: str
    source: str = ""
    why: str = ""
    tells_value: bool = False  # `why` has something of a variable's value in it, or may have: it is kept nowhere
    targets: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: {"": {}})
    wanted: Filter = field(default_factory=Filter)

    def takes(self, event: str) -> bool:
        """Whether an event of this name gets a run here."""
        return self.handler.takes(event) and self.wanted.takes(event)

    def lanes(self) -> list[Lane]:
        return [Lane(self.source, self.handler.name, target) for target in self.targets]

    def daily_lanes(self) -> list[Lane]:
        """Those that get a run a day."""
        return [lane for lane in self.lanes() if DAILY_AT in self.targets[lane.target]]

    def delivery_lanes(self) -> list[Lane]:
        """Those that get a run for each delivery."""
        return [lane for lane in self.lanes() if DAILY_AT not in self.targets[lane.target]]

    def asks(self, target: str) -> bool:
        """Whether it asks at this target what is there, before it writes again."""
        asks = self.handler.asks
        return asks if isinstance(asks, bool) else asks(self.targets.get(target, {}))

    def forgets(self, target: str) -> bool:
        """Whether it can delete at this target what it brought there."""
        forgets = self.handler.forgets
        return bool(self.handler.forget) and (
            forgets if isinstance(forgets, bool) else forgets(self.targets.get(target, {}))
        )

    def events(self) -> list[str]:
        """The names of the events that get a run here; `other` stands for those that are not known."""
        return [name for name in (*EVENTS, OTHER) if self.takes(name)]


def activate(handlers: Mapping[str, Handler], env: Mapping[str, str]) -> list[Activation]:
    """Every handler under `env`; one that needs nothing is on only where no other is."""
    activations = [handler.activate(env) for handler in handlers.values()]
    idle = not any(a.state == "on" or (a.state == "misconfigured" and a.handler.events) for a in activations)
    return [a if a.state != "fallback" else fallback(a, on=idle) for a in activations]


def fallback(activation: Activation, *, on: bool) -> Activation:
    state, why = ("on", "") if on else ("off", TEXTS("another"))
    return replace(activation, state=state, why=why)
