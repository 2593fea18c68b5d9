"""gunicorn's log, by way of ours."""

from __future__ import annotations

from typing import Any

from gunicorn.glogging import Logger


class OneLog(Logger):  # type: ignore[misc]
    """It writes no line by itself: those of its errors go where all lines go, in the same form."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True
