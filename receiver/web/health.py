"""Whether the process lives, and whether it can keep a delivery."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint
from flask.typing import ResponseReturnValue

from ..errors import NotStored
from ..locales import Texts
from ..operations import why_unstored
from ..settings import for_business

TEXTS = Texts({"runs": ("The InboundFlow receiver runs.", "El receptor de InboundFlow está en marcha.")})
Problems = Mapping[str, str]  # of each part that is degraded, a sentence that says how


def health_routes(probe: Callable[[], None], degraded: Callable[[], Problems]) -> Blueprint:
    """`/healthz`, `/readyz` and the front page. `probe` raises NotStored where nothing can be committed."""
    bp = Blueprint("health", __name__)

    @bp.get("/healthz")
    def healthz() -> ResponseReturnValue:
        return {"status": "alive"}

    @bp.get("/readyz")
    def readyz() -> ResponseReturnValue:
        probe()
        problems = degraded()
        return {"status": "degraded" if problems else "ready", "degraded": problems}

    @bp.get("/")
    def front() -> ResponseReturnValue:
        return f"{for_business(TEXTS('runs'))}\n", 200, {"Content-Type": "text/plain; charset=utf-8"}

    @bp.errorhandler(NotStored)
    def unstored(error: NotStored) -> ResponseReturnValue:
        """Says why, which a sender is not told: it is to send again, whatever the reason."""
        return error.answer() | {"detail": why_unstored(error.__cause__)}, error.http_status, error.headers

    return bp
