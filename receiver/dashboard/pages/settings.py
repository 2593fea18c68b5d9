"""What the receiver is set to, as this process sees it. Nothing is changed here: the variables are."""

from __future__ import annotations

import os

from flask import Blueprint
from flask.typing import ResponseReturnValue

from ... import operations
from ..desk import desk
from ..frame import show
from ..language import t
from ..rights import needs
from ..texts import all_texts

bp = Blueprint("settings", __name__, url_prefix="/settings")

FRESH_S = 30


@bp.get("")
@needs("see settings")
def page() -> ResponseReturnValue:
    variables = desk().cache.get("variables", FRESH_S, look)
    own = [each for each in variables if not each.reader]
    readers: dict[str, list[operations.Variable]] = {}
    for each in variables:
        if each.reader and each.is_set:
            readers.setdefault(desk().title(each.reader), []).append(each)
    return show(
        "settings.html",
        own=[each for each in own if each.is_set],
        unset=(unset := [each for each in own if not each.is_set]),
        unset_number=len(unset),
        readers=sorted(readers.items()),
        sessions=operations.signed_in(
            desk().db, operations.password_mark(desk().settings.dashboard_password), desk().source
        ),
        label=label,
        last=operations.last_delivery(desk().db, desk().source),
    )


def label(name: str) -> str:
    """What a variable is for, in plain words; "" for those of destinations, which their recipes explain."""
    return t(f"setting_{name}") if f"setting_{name}" in all_texts() else ""


def look() -> list[operations.Variable]:
    at = desk()
    env = operations.variables_of(at.db, at.settings, os.environ, at.source)
    names = operations.SOURCE_VARIABLES if at.source else operations.RECEIVER_VARIABLES
    return operations.variables(env, at.activations(), names)
