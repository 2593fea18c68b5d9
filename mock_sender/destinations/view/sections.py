"""The parts of the page, in their order. Another destination is a row here, a template `_NAME.html` and two texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import crm, mail, requests, sheets, slack

if TYPE_CHECKING:
    from ..server import Destinations


@dataclass(frozen=True, kw_only=True)
class Section:
    name: str  # of its title among the texts, and of its template
    seen: Callable[[Destinations], Sequence[Any]]  # empty while nothing has arrived
    lines: Callable[[Any, str, int], list[str]]  # what was seen as text, in a language, so many columns wide
    template: str = ""  # where it is another's


SECTIONS = (
    Section(name="slack", seen=slack.channels, lines=slack.lines),
    Section(name="sheets", seen=sheets.tabs, lines=sheets.lines),
    Section(name="mail", seen=mail.mailboxes, lines=mail.lines),
    Section(name="hubspot", seen=crm.in_hubspot, lines=crm.lines, template="_crm.html"),
    Section(name="salesforce", seen=crm.in_salesforce, lines=crm.lines, template="_crm.html"),
    Section(name="requests", seen=requests.targets, lines=requests.lines),
)
