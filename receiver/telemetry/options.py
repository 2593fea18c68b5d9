"""What is on where its own standard variables are set, and its packages installed: traces, error reports."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from .reports import Reports
    from .traces import Traces

log = logging.getLogger("receiver.telemetry")

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
PACKAGES = {  # of the extras in pyproject.toml; a checkout is on no index
    "otel": "opentelemetry-sdk opentelemetry-exporter-otlp-proto-http",
    "sentry": "sentry-sdk",
}
Option = TypeVar("Option")


def traces_of(env: Mapping[str, str], *, says: bool) -> Traces | None:
    """None where no collector is named, or tracing is switched off. `says`: where one process speaks for several."""
    name = next((name for name in ENDPOINTS if env.get(name)), "")
    is_off = env.get("OTEL_SDK_DISABLED", "").lower() == "true" or env.get("OTEL_TRACES_EXPORTER") == "none"
    if not name or is_off:
        return None

    def make() -> Traces:
        from .traces import Traces

        return Traces(env)

    return made(make, name, "otel", says=says)


def reports_of(env: Mapping[str, str], *, says: bool) -> Reports | None:
    if not env.get("SENTRY_DSN"):
        return None

    def make() -> Reports:
        from .reports import Reports

        return Reports(env["SENTRY_DSN"])

    return made(make, "SENTRY_DSN", "sentry", says=says)


def made(make: Callable[[], Option], variable: str, extra: str, *, says: bool) -> Option | None:
    """What is only looked at must not stop what is looked at."""
    try:
        return make()
    except ImportError:
        problem = f"what it needs is not installed: {sys.executable} -m pip install {PACKAGES[extra]}"
    except Exception as error:
        problem = f"it cannot be used ({type(error).__name__})"
    if says:
        log.warning("%s is set, and %s", variable, problem)
    return None
