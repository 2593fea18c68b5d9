"""Who may use these pages, and as what: made, changed and taken away by an owner, at this business alone."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from ... import operations
from ...errors import OperationError
from ...operations import EMAIL_CHARS, EVERYWHERE, NAME_CHARS, OWNER, ROLES, Person
from ...settings import PASSWORD_CHARS
from ..desk import desk
from ..frame import show
from ..language import t
from ..rights import needs
from ..sessions import me
from ..shown import clean

bp = Blueprint("people", __name__, url_prefix="/people")


@bp.get("")
@needs("make people")
def page() -> ResponseReturnValue:
    return shown()


@bp.post("")
@needs("make people")
def add() -> ResponseReturnValue:
    at, name = desk(), clean(request.form.get("name"), EMAIL_CHARS)
    password, role = request.form.get("password", ""), request.form.get("role", "")
    by_sso = not password and at.settings.single_sign_on is not None
    if by_sso and not operations.is_email(name):
        return shown("people_no_email")
    is_short = not by_sso and len(password.strip()) < PASSWORD_CHARS
    if not name or role not in ROLES or is_short or (not by_sso and len(name) > NAME_CHARS):
        return shown("people_missing")
    try:
        operations.add_person(at.db, name, None if by_sso else password, role, at.source, by=me().by)
    except OperationError:  # at whichever business there is somebody of that name
        return shown("people_taken")
    flash(t("people_added", name=name))
    return redirect(url_for("people.page"), 303)


@bp.post("/role")
@needs("make people")
def role() -> ResponseReturnValue:
    person, role = person_of_form(), request.form.get("role", "")
    if role not in (*ROLES, "none") or person.login == me().row.person:
        abort(404)
    operations.set_role(desk().db, person.name, desk().source, "" if role == "none" else role, by=me().by)
    if role == "none" and set(person.roles) == {desk().source}:
        operations.remove_person(desk().db, person.name, by=me().by)
    flash(t("people_changed", name=person.name))
    return redirect(url_for("people.page"), 303)


@bp.post("/password")
@needs("make people")
def password() -> ResponseReturnValue:
    person, typed = person_of_form(), request.form.get("password", "")
    if not is_ours(person) or person.is_sso:
        abort(404)
    if len(typed.strip()) < PASSWORD_CHARS:
        return shown("people_missing")
    operations.set_password(desk().db, person.name, typed, by=me().by)
    flash(t("people_password_set", name=person.name))
    return redirect(url_for("people.page"), 303)


def shown(error: str = "") -> ResponseReturnValue:
    return show(
        "people.html",
        people=operations.people(desk().db, source=desk().source),
        everywhere=operations.people(desk().db, source=EVERYWHERE) if is_owner_of_all() else [],
        here=desk().source,
        mine=me().row.person,
        roles=ROLES,
        is_ours=is_ours,
        error=error,
        chars=PASSWORD_CHARS,
        sso=desk().settings.single_sign_on,
    )


def person_of_form() -> Person:
    """Nobody but those with a role at this business."""
    person = operations.person_named(desk().db, request.form.get("person", ""))
    if person is None or desk().source not in person.roles:
        abort(404)
    return person


def is_ours(person: Person) -> bool:
    """Whether whoever looks is an owner wherever this person has a role: their password opens all of that."""
    return all(me().role_at(source) == OWNER for source in person.roles if source != EVERYWHERE) and (
        EVERYWHERE not in person.roles or is_owner_of_all()
    )


def is_owner_of_all() -> bool:
    return me().row.roles.get(EVERYWHERE) == OWNER
