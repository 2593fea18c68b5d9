"""Erasing a person: whom, what would go, done by the worker, and the receipt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from ... import operations
from ...errors import NotFound, NothingSelected, OperationError
from ...locales import Locale, localized
from ...operations import Subject
from ..desk import desk
from ..frame import show
from ..language import lang, t
from ..naming import place_name
from ..rights import needs
from ..sessions import me
from ..told import number_of

bp = Blueprint("erase", __name__, url_prefix="/erase")

KINDS = ("deleted", "deletable", "owed", "sent", "perhaps")
CALLS = 20  # that are shown, of those that would go


@bp.get("")
@needs("erase")
def page() -> ResponseReturnValue:
    return form()


def form(error: str = "", **typed: str) -> ResponseReturnValue:
    latest = operations.erasures(desk().db, desk().source)
    return show("erase.html", error=error, typed={"phone": "", "email": ""} | typed, latest=latest)


@bp.post("")
@needs("erase")
def make() -> ResponseReturnValue:
    """Have a person looked for: whose number or address was typed, or who made a call."""
    typed = {name: request.form.get(name, "").strip() for name in ("phone", "email")}
    try:
        who = caller(request.form["call"]) if request.form.get("call") else subject(**typed)
    except OperationError as error:
        return form(sentence(error), **typed)
    number = operations.make_erasure(desk().db, who, by=me().by)
    return redirect(url_for("erase.one", number=number), 303)


def sentence(error: OperationError) -> str:
    return t("erase_whom") if isinstance(error, NothingSelected) else localized(error.args[0], Locale(language=lang()))


def subject(*, phone: str, email: str) -> Subject:
    return operations.subject(phones=filled(phone), emails=filled(email), source=desk().source)


def filled(text: str) -> list[str]:
    return [text] if text else []


def caller(call_id: str) -> Subject:
    """Raises NotFound, StoreError."""
    call = operations.one_call(desk().db, call_id, source=desk().source)
    phone, email = f"+{call.row.phone}", call.heard.email if call.heard else ""
    return operations.subject_of_call(call_id, phone=phone, email=email, source=desk().source)


@bp.get("/<int:number>")
@needs("erase")
def one(number: int) -> ResponseReturnValue:
    return shown(operations.erasure(desk().db, number, desk().source))


def shown(erasure: operations.Erasure) -> ResponseReturnValue:
    found = erasure.receipt
    return show(
        "erasure.html",
        every=2 if erasure.is_at_work else 0,
        erasure=erasure,
        found=found,
        places=list(places(found)) if found else [],
        calls=calls(found.deliveries) if found else [],
        most=CALLS,
        row_of=row_of,
        number_of=number_of,
        place=place_name,
        is_led=operations.is_led(desk().db),
    )


def places(found: operations.Erased) -> Iterator[tuple[str, list[operations.ErasedPlace]]]:
    """What lies at destinations, by what became of it or is to be done there, each under the name of its heading."""
    kinds = {kind: [each for each in found.places if kind_of(each, found) == kind] for kind in KINDS}
    return ((kind, each) for kind, each in kinds.items() if each)


def kind_of(place: operations.ErasedPlace, found: operations.Erased) -> str:
    if place.deleted or place.owed:
        return "deleted" if place.deleted else "owed"
    if not place.certain:
        return "perhaps"
    return "deletable" if place.deletable and found.dry_run else "sent"


def row_of(call_id: str) -> operations.CallRow | None:
    """The call, so that somebody sees that it is the right person; None where it is not counted yet, or gone."""
    try:
        return operations.one_call(desk().db, call_id, source=desk().source).row
    except NotFound:
        return None


def calls(deliveries: Sequence[operations.ErasedDelivery]) -> list[tuple[str, int]]:
    """Each call once, with the time of its first report, the newest first."""
    first: dict[str, int] = {}
    for each in deliveries:
        call = each.call_id or each.key
        first[call] = min(first.get(call, each.received_us), each.received_us)
    return sorted(first.items(), key=lambda item: -item[1])


@bp.post("/<int:number>/start")
@needs("erase")
def start(number: int) -> ResponseReturnValue:
    """Begun already, it is shown as it stands."""
    there = request.form.get("there") == "1"
    operations.begin_erasure(desk().db, number, desk().source, at_destinations=there, by=me().by)
    return redirect(url_for("erase.one", number=number), 303)


@bp.post("/<int:number>/drop")
@needs("erase")
def drop(number: int) -> ResponseReturnValue:
    operations.drop_erasure(desk().db, number, desk().source)
    return redirect(url_for("erase.page"), 303)
