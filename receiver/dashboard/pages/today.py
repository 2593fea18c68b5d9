"""How the day goes, and whether everything arrived."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from ..frame import show
from ..rights import needs

bp = Blueprint("today", __name__)


@bp.get("/")
@needs("look")
def page() -> ResponseReturnValue:
    return show("today.html", every=10)
