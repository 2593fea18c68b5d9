"""Signing in at an OpenID Connect provider: to there, and back. Imported only where single sign-on is set."""

from __future__ import annotations

import hmac
import time
from dataclasses import asdict
from typing import Any

from flask import Blueprint, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from .. import operations
from ..settings import SingleSignOn
from .desk import Cache, desk
from .language import t
from .provider import Errand, NotSignedIn, Provider
from .rights import PUBLIC, needs
from .sessions import SignedIn
from .sign_in import begin, form, may_type, place_to_go

ERRAND = "sso"
ERRAND_S = 600


def sso_routes(settings: SingleSignOn) -> Blueprint:
    bp = Blueprint("sso", __name__, url_prefix="/sign-in/sso")
    provider = Provider(settings, Cache())

    @bp.get("")
    @needs(PUBLIC)
    def leave() -> ResponseReturnValue:
        if isinstance(session, SignedIn):
            return redirect(place_to_go())
        if not may_type():
            return form(), 403
        errand = Errand(next=place_to_go())
        try:
            address = provider.address(errand, redirect_uri())
        except NotSignedIn as error:
            return refused(error)
        session[ERRAND] = asdict(errand)  # one at a time, as a cookie has 4 KB
        return redirect(address)

    @bp.get("/back")
    @needs(PUBLIC)
    def back() -> ResponseReturnValue:
        if isinstance(session, SignedIn):
            return redirect(place_to_go())
        try:
            errand = errand_of(request.args.get("state", ""))
            return enter(errand, provider.email(errand, redirect_uri(), code()))
        except NotSignedIn as error:
            return refused(error)

    def refused(error: NotSignedIn) -> ResponseReturnValue:
        return form(sso_error=t(error.text, name=settings.name)), error.status

    return bp


def errand_of(state: str) -> Errand:
    """What this browser was sent away with: once, and not for long. Raises NotSignedIn."""
    kept: dict[str, Any] = session.get(ERRAND) or {}
    if not kept or not hmac.compare_digest(kept["state"].encode(), state.encode(errors="replace")):
        raise NotSignedIn("sso_again")
    errand = Errand(**session.pop(ERRAND))
    if not 0 <= time.time() - errand.begun_s <= ERRAND_S:
        raise NotSignedIn("sso_again")
    return errand


def code() -> str:
    """Raises NotSignedIn."""
    if error := request.args.get("error"):
        raise NotSignedIn("sso_denied" if error == "access_denied" else "sso_refused")
    return request.args.get("code", "")


def enter(errand: Errand, email: str) -> ResponseReturnValue:
    person = operations.person_with_email(desk().db, email)
    if person is None:
        return form(sso_error=t("sso_unknown", email=email)), 403
    return begin(person.name, person=person, sso=True, where=errand.next) or form()


def redirect_uri() -> str:
    """The one address that is entered at the provider, whichever business is looked at."""
    return request.host_url.rstrip("/") + url_for("sso.back").removeprefix(request.script_root)
