"""What a view needs, and which role may do it, each at one business."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, request

View = TypeVar("View", bound=Callable[..., Any])

RIGHTS = ("look", "call back", "see numbers", "repair", "see settings", "see history", "erase", "make people")
ROLES = {
    "viewer": frozenset({"look"}),
    "operator": frozenset({"look", "call back", "see numbers", "repair"}),
    "owner": frozenset(RIGHTS),
}
PUBLIC = ""  # for whoever has not signed in
SIGNED_IN = "be signed in"  # at whichever business


def needs(right: str) -> Callable[[View], View]:
    """Mark a view with the right that it needs. A view without one is refused to everybody."""
    if right not in (*RIGHTS, SIGNED_IN, PUBLIC):
        raise ValueError(f"There is no right {right!r}.")

    def mark(view: View) -> View:
        view.right = right  # type: ignore[attr-defined]
        return view

    return mark


def right_of(endpoint: str | None) -> str | None:
    """None where the view names none, or there is no such view."""
    return getattr(current_app.view_functions.get(endpoint or ""), "right", None)


def may(role: str, right: str | None) -> bool:
    return right is not None and (right == SIGNED_IN or right in ROLES.get(role, frozenset()))


def is_public() -> bool:
    """Whether this request is for what everybody may see, or for nothing at all."""
    return request.endpoint is None or right_of(request.endpoint) == PUBLIC
