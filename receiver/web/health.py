"""Whether the process lives, and whether it can keep a delivery."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint
from flask.typing import ResponseReturnValue

from ..errors import NotStored

Check = Callable[[], str]  # "" when all is well, else what is degraded, in a sentence


def health(probe: Callable[[], None], degraded: Mapping[str, Check]) -> Blueprint:
    """`/healthz`, `/readyz` and the front page. `probe` raises NotStored where nothing can be committed."""
    bp = Blueprint("health", __name__)

    @bp.get("/healthz")
    def healthz() -> ResponseReturnValue:
        return {"status": "alive"}

    @bp.get("/readyz")
    def readyz() -> ResponseReturnValue:
        probe()
        problems = {name: problem for name, check in degraded.items() if (problem := check())}
        return {"status": "degraded" if problems else "ready", "degraded": problems}

    @bp.get("/")
    def front() -> ResponseReturnValue:
        return "The InboundFlow receiver runs.\n", 200, {"Content-Type": "text/plain; charset=utf-8"}

    @bp.errorhandler(NotStored)
    def refuse(error: NotStored) -> ResponseReturnValue:
        return error.answer(), error.http_status, error.headers

    return bp
