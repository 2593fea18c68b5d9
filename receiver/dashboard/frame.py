"""What stands around every page: the navigation, the one line about the worst, the foot."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Flask, current_app, g, make_response, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from .. import operations
from ..errors import StoreError
from ..operations import Alarm, Database
from . import businesses
from .desk import desk
from .language import lang, t
from .rights import may, right_of
from .sessions import SignedIn
from .texts import LANGUAGES

FIRST = ("today", "callbacks", "calls", "problems")  # the order never changes
MORE = ("destinations", "connection", "deliveries", "connect", "settings", "people", "history", "erase", "help")
ALARMS_FOR_S = 10.0
BADGES_FOR_S = 2.0
MOST = 99  # in a badge

Badge = Callable[[Database], int]


@dataclass(frozen=True, kw_only=True)
class Item:
    name: str
    url: str
    is_here: bool
    number: int = 0

    @property
    def badge(self) -> str:
        return f"{MOST}+" if self.number > MOST else str(self.number or "")


@dataclass(frozen=True, kw_only=True)
class Banner:
    text: str
    why: str  # what was met, for whoever runs it
    more: int
    url: str


def install(app: Flask, badges: Mapping[str, Badge], assets_url: Callable[[str], str]) -> None:
    version = importlib.metadata.version("inboundflow-receiver")

    @app.context_processor
    def parts() -> dict[str, Any]:
        return {
            "t": t,
            "lang": lang(),
            "languages": LANGUAGES,
            "language_url": language_url,
            "csrf": csrf,
            "asset": assets_url,
            "business": desk().own.business or desk().source or t("calls_of"),
            "frame_businesses": businesses.choices,
            "may_use": lambda endpoint: may_do(right_of(endpoint)),
            "is_person": isinstance(session, SignedIn) and bool(session.row.person),
            "version": version,
            "every": 0,
            "layout": "fragment.html" if is_live() else "frame.html",
            "me": session.name if isinstance(session, SignedIn) else "",
            "frame_nav": lambda: items(FIRST, badges),
            "frame_more": lambda: items(MORE, badges),
            "frame_banner": banner,
            "help_url": url_for("help.page") if "help.page" in app.view_functions else "",
        }


def is_live() -> bool:
    """Whether the page is drawn again while somebody looks at it: then its parts alone are wanted."""
    return bool(request.environ.get("inboundflow.live"))


def show(template: str, *, every: int = 0, **values: Any) -> ResponseReturnValue:
    """The page; `every` so many seconds it is drawn again. A browser that has it already is told so."""
    response = make_response(render_template(template, every=every, **values))
    if is_live():
        response.add_etag()
        response.make_conditional(request)
    return response


def csrf() -> Markup:
    """The same token in all forms of a session, so that a page that has not changed is drawn as it was."""
    if "form_token" not in session:
        session["form_token"] = generate_csrf()
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(session["form_token"])


def language_url(code: str) -> str:
    args = {name: value for name, value in request.args.items() if name != "lang"}
    path = request.script_root + request.path if request.method == "GET" else url_for("today.page")
    return f"{path}?{urlencode({**args, 'lang': code})}"


def items(names: tuple[str, ...], badges: Mapping[str, Badge]) -> list[Item]:
    """Those pages that there are. Without a database they have no badges."""
    views = current_app.view_functions
    return [
        Item(
            name=name,
            url=url_for(f"{name}.page"),
            is_here=request.blueprint == name,
            number=counted(name, badges[name]) if name in badges else 0,
        )
        for name in names
        if f"{name}.page" in views and may_do(right_of(f"{name}.page"))
    ]


def may_do(right: str | None) -> bool:
    """Whether whoever looks has this right here, so that a page offers nothing that would be refused."""
    return isinstance(session, SignedIn) and may(session.role_at(desk().source), right)


def may_look() -> bool:
    """Whether the frame may ask the inbox: not on the page that says that it cannot be asked."""
    return isinstance(session, SignedIn) and not g.get("is_plain", False)


def counted(name: str, badge: Badge) -> int:
    if not may_look():
        return 0
    try:
        return badge(desk().db) if name == request.blueprint else kept_badge(name, badge)
    except StoreError:
        return 0


def kept_badge(name: str, badge: Badge) -> int:
    return desk().cache.get(("badge", name), BADGES_FOR_S, lambda: badge(desk().db))


def banner(told: Collection[str] = ()) -> Banner | None:
    """The worst that is wrong just now, but for what the page tells itself; nothing where nobody is signed in."""
    if not may_look():
        return None
    try:
        alarms = desk().cache.get("alarms", ALARMS_FOR_S, lambda: operations.alarms(desk().db, source=desk().source))
    except StoreError:
        return None
    alarms = [alarm for alarm in alarms if alarm.kind not in told]
    if not alarms:
        return None
    return Banner(text=alarm_text(alarms[0]), why=alarm_why(alarms[0]), more=len(alarms) - 1, url=alarm_url(alarms[0]))


def alarm_text(alarm: Alarm) -> str:
    place = desk().title(alarm.lane.handler) if alarm.lane else ""
    return t(f"alarm_{alarm.kind}", n=alarm.number, place=place)


def alarm_why(alarm: Alarm) -> str:
    """What a pause says stands with it on Problems."""
    return alarm.why if alarm.kind in ("no_store", "redis") else ""


def alarm_url(alarm: Alarm) -> str:
    """Where it is dealt with; "" where that is this page."""
    page = "connection" if alarm.kind in ("off", "lives") else "problems"
    return url_for(f"{page}.page") if has_page(page) and page != request.blueprint else ""


def has_page(name: str) -> bool:
    return f"{name}.page" in current_app.view_functions
