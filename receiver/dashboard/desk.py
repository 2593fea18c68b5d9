"""What every view works with."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

from flask import current_app, g

from ..locales import LANGUAGES, Locale, Texts
from ..operations import Activation, Database, SourceSettings, business_zone
from ..settings import Settings

Result = TypeVar("Result")
TITLES = Texts({
    "Console": ("Console", "El registro"),
    "E-mail": ("E-mail", "Correo"),
    "Webhook": ("Webhook", "Tu URL"),
})  # fmt: skip
KEPT = 200  # results; of one business, with a few people and two languages
BUSINESSES = 500  # whose results are kept


class Cache:
    """What was found out just now, for whoever asks the same next. Of several at once each may look."""

    def __init__(self) -> None:
        self.mutex = threading.Lock()
        self.results: dict[Hashable, tuple[float, Any]] = {}

    def get(self, name: Hashable, for_s: float, make: Callable[[], Result]) -> Result:
        with self.mutex:
            until, result = self.results.get(name, (0.0, None))
        if time.monotonic() < until:
            return cast(Result, result)
        return self.put(name, for_s, make())

    def put(self, name: Hashable, for_s: float, result: Result) -> Result:
        with self.mutex:
            if len(self.results) >= KEPT:
                self.results.clear()
            self.results[name] = (time.monotonic() + for_s, result)
        return result

    def forget(self) -> None:
        """After a change, so that whoever made it sees it."""
        with self.mutex:
            self.results.clear()


@dataclass(frozen=True, kw_only=True)
class Desk:
    settings: Settings
    db: Database  # reads on connections of its own, for two seconds at most
    handlers_of: Callable[[str], Sequence[Activation]]  # every handler under the variables of a business
    sources: SourceSettings
    own: Settings  # what the business that is looked at has set for itself
    source: str = ""  # which that is
    cache: Cache = field(default_factory=Cache)
    caches: dict[str, Cache] = field(default_factory=dict)  # of the others

    def at(self, source: str) -> Desk:
        """The desk of one business. Raises StoreError."""
        if not source:
            return self
        if len(self.caches) >= BUSINESSES:
            self.caches.clear()
        cache = self.caches.setdefault(source, Cache())
        return replace(self, source=source, own=self.sources.of(source), cache=cache)

    def activations(self) -> Sequence[Activation]:
        """Every handler under the variables of this business."""
        return self.handlers_of(self.source)

    @property
    def zone(self) -> ZoneInfo:
        """The business's; UTC where BUSINESS_TIMEZONE names none that there is."""
        return business_zone(self.own)

    def title(self, handler: str) -> str:
        """How a destination is called."""
        titles = self.cache.get("titles", 60, lambda: {a.handler.name: a.handler.title for a in self.activations()})
        return titled(titles.get(handler) or handler.partition(".")[0].replace("_", " ").capitalize())


def titled(title: str) -> str:
    """A destination's name in the language of this page."""
    return TITLES(title).write(Locale(language=g.get("lang", LANGUAGES[0]))) if title in TITLES.table else title


def base_desk() -> Desk:
    return cast(Desk, current_app.extensions["desk"])


def desk() -> Desk:
    """Of the business that this request is about: the only one that a view may ask for, or change."""
    return cast(Desk, g.get("desk") or base_desk())
