"""Each destination: does it work, at what pace, how far behind is it; paused, resumed and asked from here."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from ... import operations
from ...operations import Place
from ..desk import desk
from ..frame import show
from ..language import said, t
from ..naming import event_name, handlers, held_said, held_words, pause_said, pause_words, place_name
from ..rights import needs
from ..shown import clock, number, when
from ..told import State, state, word

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
        place_state=place_state,
        why=why,
    )


def many(runs: int) -> str:
    return f"{number(COUNTED)}+" if runs > COUNTED else number(runs)


def place_state(place: Place) -> State:
    """The word that calls have for it too, with since when or until when."""
    if place.standing == "half_set":
        return state("dead", t("place_half_set"))
    told = word(place.standing)
    if place.pause and place.standing == "on_hold":
        return state("on_hold", t("place_on_hold", word=told, since=when(place.pause.since_us)))
    if place.held and place.standing == "retrying":
        return state("retrying", t("place_retrying_at", word=told, at=clock(place.held.next_us)))
    return state(place.standing, t("place_some_dead" if place.standing == "dead" else "place_works"))


def why(place: Place) -> tuple[str, str]:
    """Why it does not take anything just now, in a sentence and in its own words."""
    name = place_name(place.lane)
    if place.standing == "half_set":
        return t("problems_set_up_how", place=name), said(place.why)
    if place.pause and place.standing == "on_hold":
        return pause_words(place.pause, name), pause_said(place.pause)
    if place.held and place.standing == "retrying":
        return held_words(place.held, name), held_said(place.held)
    return "", ""
