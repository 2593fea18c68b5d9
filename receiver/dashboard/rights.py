"""What a view needs. Today everybody who is signed in may do all of it; other roles are then other rows here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, request

View = TypeVar("View", bound=Callable[..., Any])

RIGHTS = ("look", "call back", "see numbers", "repair", "erase", "see settings", "see history")
ROLES = {"owner": frozenset(RIGHTS)}
PUBLIC = ""  # for whoever has not signed in


def needs(right: str) -> Callable[[View], View]:
    """Mark a view with the right that it needs. A view without one is refused to everybody."""
    if right not in (*RIGHTS, PUBLIC):
        raise ValueError(f"There is no right {right!r}.")

    def mark(view: View) -> View:
        view.right = right  # type: ignore[attr-defined]
        return view

    return mark


def right_of(endpoint: str | None) -> str | None:
    """None where the view names none, or there is no such view."""
    return getattr(current_app.view_functions.get(endpoint or ""), "right", None)


def may(role: str, right: str | None) -> bool:
    return right is not None and right in ROLES.get(role, frozenset())


def is_public() -> bool:
    """Whether this request is for what everybody may see, or for nothing at all."""
    return request.endpoint is None or right_of(request.endpoint) == PUBLIC
