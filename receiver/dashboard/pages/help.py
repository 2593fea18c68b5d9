"""What the pages are for, in the words of the people who use them."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from ..frame import show
from ..rights import needs

bp = Blueprint("help", __name__)


@bp.get("/help")
@needs("look")
def page() -> ResponseReturnValue:
    return show("help.html")
