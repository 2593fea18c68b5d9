"""The businesses that this receiver works for."""

from __future__ import annotations

import contextlib
from dataclasses import replace

from ..settings import Settings
from ..sources import Source


def single_source(settings: Settings) -> Source:
    """The business that the environment describes."""
    return Source(
        secrets=settings.secrets.values,
        tolerance_s=settings.tolerance_s,
        zone=settings.zone,
        language=settings.language,
    )


def source_in_use(settings: Settings) -> Source:
    """The same, with the secret of `receiver up` where the terminal has none: up made it, and keeps it in a file."""
    source = single_source(settings)
    made = made_secret(settings)
    if source.secrets or settings.allow_unsigned or not settings.is_local or not made:
        return source
    return replace(source, secrets=(made,))


def made_secret(settings: Settings) -> bytes:
    """What a first start on a person's own machine made, or b""."""
    with contextlib.suppress(OSError):
        return settings.secret_path.read_bytes().strip()
    return b""
