"""Each destination: does it work, at what pace, how far behind is it; paused, resumed and asked from here."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from ... import operations
from ..desk import desk
from ..frame import show
from ..naming import event_name, handlers, place_name
from ..rights import needs
from ..shown import number

bp = Blueprint("destinations", __name__)

COUNTED = 10_000


@bp.get("/destinations")
@needs("look")
def page() -> ResponseReturnValue:
    found = desk().cache.get("places", 2, lambda: operations.places(desk().db, handlers()))
    return show(
        "destinations.html",
        every=10,
        found=found,
        checks=operations.checks(desk().db),
        place=place_name,
        event=event_name,
        many=many,
    )


def many(runs: int) -> str:
    return f"{number(COUNTED)}+" if runs > COUNTED else number(runs)
