"""Flask, without what it does for each request and no route here has a use for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Request
from flask.sessions import NullSession, SessionInterface
from werkzeug.routing import MapAdapter

NO_SESSION = NullSession()
ANY_HOST = "receiver"  # no route depends on the host, and none is refused for how it is written


class NoSessions(SessionInterface):
    def open_session(self, app: Flask, request: Request) -> NullSession:
        return NO_SESSION


class Application(Flask):
    """No sessions, no host names, and no views that are coroutines: together a tenth of Flask's time."""

    session_interface = NoSessions()

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        if request is None:
            return super().create_url_adapter(request)
        return self.url_map.bind(ANY_HOST, path_info=request.path, default_method=request.method)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func
