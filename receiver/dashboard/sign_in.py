"""Signing in by password or link, and out. Single sign-on is sso.py's."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import Blueprint, current_app, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.datastructures import MultiDict

from .. import operations
from ..operations import IDLE_US, NAME_CHARS, Actor, Person, password_mark
from ..settings import is_loopback
from .desk import desk
from .guard import here, host_of
from .language import t
from .passwords import Busy, Door
from .rights import PUBLIC, SIGNED_IN, needs
from .sessions import SignedIn, me
from .shown import clean
from .throttle import Throttle

KEPT_S = IDLE_US // 1_000_000
KEPT_ADDRESSES = 1000
KEPT = "kept"  # in the cookie, for who signs in elsewhere
KEPT_CHARS = 2000  # of 4 KB that a cookie may have


@dataclass
class Tries:
    """Wrong passwords of an address since this process began, with the number of their note in History."""

    number: int = 0
    note: int | None = None


@dataclass
class State:
    door: Door
    throttle: Throttle = field(default_factory=Throttle)
    tries: dict[str, Tries] = field(default_factory=dict)

    def count(self, address: str) -> None:
        self.throttle.failed(address)
        if len(self.tries) >= KEPT_ADDRESSES:
            self.tries.clear()
        tries = self.tries.setdefault(address, Tries())
        tries.number += 1
        tries.note = operations.note_wrong_password(desk().db, Actor(address=address), tries.number, tries.note)


def sign_in_routes(state: State) -> Blueprint:
    bp = Blueprint("sign_in", __name__)

    @bp.get("/sign-in")
    @needs(PUBLIC)
    def page() -> ResponseReturnValue:
        if isinstance(session, SignedIn):
            return redirect(place_to_go())
        session.pop(KEPT, None)
        return form()

    @bp.post("/sign-in")
    @needs(PUBLIC)
    def enter() -> ResponseReturnValue:
        name = clean(request.form.get("name"), NAME_CHARS)
        if not may_type():
            return form(), 403
        if not name:
            return form(name_error=t("signin_name_missing")), 400
        person = operations.person_named(desk().db, name)
        error, status = check(state, request.form.get("password", ""), person)
        if error:
            return form(error=error), status
        return begin(name, person=person) or form()

    @bp.get("/sign-in/link")
    @needs(PUBLIC)
    def link() -> ResponseReturnValue:
        """Only a button: programs that look through mail and chats open links, and would use it up."""
        return link_form(request.args.get("token", ""))

    @bp.post("/sign-in/link")
    @needs(PUBLIC)
    def enter_by_link() -> ResponseReturnValue:
        token = request.form.get("token", "")
        name = clean(request.form.get("name"), NAME_CHARS)
        if not name:
            return link_form(token, name_error=t("signin_name_missing")), 400
        if operations.person_named(desk().db, name):
            return link_form(token, name_error=t("signin_name_taken")), 400
        with state.door:
            is_ours = operations.is_link(desk().settings.dashboard_password, token)
        answer = begin(name, link=token) if is_ours else None
        return answer or (link_form("", error=t("signin_link_old")), 403)

    @bp.get("/sign-in/again")
    @needs(SIGNED_IN)
    def again() -> ResponseReturnValue:
        """What was sent while nobody was signed in: it is sent once more by its own button."""
        if "kept" not in session:
            return redirect(url_for("today.page"))
        path, fields = session.pop("kept")
        return render_template("again.html", path=path, fields=fields)

    @bp.post("/sign-out")
    @needs(SIGNED_IN)
    def leave() -> ResponseReturnValue:
        everywhere = request.form.get("all") == "1"
        operations.sign_out(desk().db, me().by, person=me().row.person, everywhere=everywhere)
        g.signed_out = True
        return redirect(url_for("sign_in.page", out="all" if everywhere else "1"), 303)

    return bp


def check(state: State, password: str, person: Person | None) -> tuple[str, int]:
    """What is wrong with this try, and the status that says so. Of a person nothing but their own password counts."""
    address = request.remote_addr or ""
    try:
        with state.door as door:
            if wait_s := state.throttle.wait_s(address):
                return t("signin_many", n=-(-wait_s // 60)), 429
            if door.is_right(password, person.password if person else ""):
                return "", 200
            state.count(address)
    except Busy:
        return t("signin_busy"), 503
    return t("signin_wrong"), 403


def begin(
    name: str, *, person: Person | None = None, link: str = "", sso: bool = False, where: str = ""
) -> ResponseReturnValue | None:
    """None where the link was used before."""
    name = person.name if person else name
    by = Actor(who=name, address=request.remote_addr or "")
    mark = person.mark if person else password_mark(desk().settings.dashboard_password)
    kept = read_kept(request.form.get("kept", "") or session.get(KEPT, ""))
    sources = person.roles if person else ("",)
    data = {"kept": kept} if kept else None
    token = operations.sign_in(desk().db, name, mark, by, sources=sources, link=link, sso=sso, data=data)
    if token is None:
        return None
    g.token = token
    session.clear()
    return redirect(url_for("sign_in.again") if kept else where or place_to_go(), 303)


def form(said: str = "", kept: str = "", error: str = "", name_error: str = "", sso_error: str = "") -> str:
    out = request.args.get("out", "")
    return render_template(
        "sign_in.html",
        may_type=may_type(),
        next=place_to_go(),
        said=said or {"all": t("signin_out_all"), "1": t("signin_out")}.get(out, ""),
        kept=kept or request.form.get("kept", ""),
        name=request.form.get("name", ""),
        error=error,
        name_error=name_error,
        sso=desk().settings.single_sign_on,
        sso_error=sso_error,
        link_command=link_command(),
        minutes=operations.LINK_S // 60,
    )


def link_command() -> str:
    """For whoever looks at the page on the machine where all of it runs: what prints a link. Else ""."""
    is_here = desk().settings.is_local and is_loopback(host_of(request.host))
    return operations.link_command(request.host_url.rstrip("/")) if is_here else ""


def link_form(token: str, error: str = "", name_error: str = "") -> str:
    return render_template("sign_in_link.html", token=token, error=error, name_error=name_error)


def may_type() -> bool:
    """Not where it could be read on its way: over plain http from another machine."""
    return request.is_secure or (is_loopback(request.remote_addr or "") and is_loopback(host_of(request.host)))


def place_to_go() -> str:
    """A path of ours and nothing else."""
    where = request.values.get("next", "")
    is_path = where.startswith("/") and not where.startswith(("//", "/\\")) and where.isprintable()
    return where if is_path and not where.startswith("/sign-in") else url_for("today.page")


def keep_form() -> ResponseReturnValue:
    """The sign-in form, with what was sent meanwhile inside."""
    fields = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    kept = str(kept_forms().dumps([here(), fields]))
    if desk().settings.single_sign_on and len(kept) <= KEPT_CHARS:
        session[KEPT] = kept
    return form(said=t("signin_kept"), kept=kept), 401


def read_kept(text: str) -> tuple[str, list[tuple[str, str]]] | None:
    try:
        path, fields = kept_forms().loads(text, max_age=KEPT_S)
    except BadData:
        return None
    return path, [(name, value) for name, value in MultiDict(fields).items(multi=True)]


def kept_forms() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="kept form")
