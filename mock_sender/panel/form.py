"""The form of a connection: what was typed, and what is wrong with it, field by field."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from werkzeug.datastructures import MultiDict

from .. import sender
from ..payloads import EVENTS
from ..records import Connection
from ..schedule import NONE, SCHEDULES
from ..sender import UnusableURL


@dataclass(frozen=True, kw_only=True)
class Form:
    """What stands in the form. `errors` has the name of a text for each field that must be changed."""

    url: str = ""
    secret: str = field(default="", repr=False)
    name: str = ""
    events: tuple[str, ...] = EVENTS
    retries: str = NONE.name
    resign: bool = True
    unsigned: bool = False  # take the secret away that was saved
    errors: dict[str, str] = field(default_factory=dict)

    def settings(self, kept: str = "") -> dict[str, Any]:
        """What a connection is made of; `kept` is the secret it has already."""
        names = ("url", "name", "events", "retries", "resign")
        return {name: getattr(self, name) for name in names} | {"secret": self.key(kept)}

    def key(self, kept: str = "") -> str:
        return "" if self.unsigned else self.secret or kept


def from_connection(connection: Connection) -> Form:
    """As it was saved. The secret is not shown again."""
    return Form(
        url=connection.url, name=connection.name, events=connection.events, retries=connection.retries,
        resign=connection.resign,
    )  # fmt: skip


def read(sent: MultiDict[str, str], choices: Collection[str], taken: Collection[str]) -> Form:
    """What was sent, checked against the events there are and the names that other connections have."""
    form = Form(
        url=sent.get("url", "").strip(),
        secret=sent.get("secret", "").strip(),
        name=sent.get("name", "").strip(),
        events=tuple(event for event in choices if event in sent.getlist("events")),
        retries=sent.get("retries", NONE.name),
        resign=sent.get("resign", "fresh") == "fresh",
        unsigned="unsigned" in sent,
    )
    errors = {
        "url": url_error(form.url),
        "events": "" if form.events else "error_events",
        "name": "error_name" if form.name in taken else "" if form.name else "error_no_name",
        "retries": "" if form.retries in SCHEDULES else "error_retries",
    }
    return replace(form, errors={name: key for name, key in errors.items() if key})


def url_error(url: str) -> str:
    if not url:
        return "error_no_url"
    try:
        sender.check(url)
    except UnusableURL:
        plain = sender.is_sound(url) and urlsplit(url).scheme == "http" and urlsplit(url).hostname
        return "error_https" if plain else "error_url"
    return ""


def free_name(kind: str, taken: Collection[str]) -> str:
    """The kind, or with a number where there is one of this name already."""
    numbered = (f"{kind}-{n}" for n in range(2, len(taken) + 3))
    return next(name for name in (kind, *numbered) if name not in taken)
