"""What the pages are for, in the words of the people who use them."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from ..frame import show
from ..language import t
from ..rights import needs
from ..told import state

bp = Blueprint("help", __name__)

MARKS = {
    "arrived": "help_arrived",
    "waiting": "help_waiting",
    "retrying": "help_trying",
    "on_hold": "help_hold",
    "half_set": "help_half_set",
    "dead": "help_dead",
}


@bp.get("/help")
@needs("look")
def page() -> ResponseReturnValue:
    return show("help.html", marks=[(state(standing), t(text)) for standing, text in MARKS.items()])
