"""A request's headers that anybody here looks at, from where Flask's own look-up finds them in ten times as long."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Request, request

from ..verify import HEADERS


def the_request() -> Request:
    """The request itself: each look through Flask's `request` finds it anew."""
    return request._get_current_object()  # type: ignore[attr-defined, no-any-return]


def headers_of(environ: Mapping[str, Any]) -> dict[str, str]:
    return {header: environ[name] for header, name in WSGI_NAMES.items() if name in environ}


def wsgi_name(header: str) -> str:
    name = header.upper().replace("-", "_")
    return name if name == "CONTENT_TYPE" else f"HTTP_{name}"


WSGI_NAMES = {header: wsgi_name(header) for header in HEADERS}
