"""The signing secret that a first start on one's own machine makes."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import MutableMapping
from pathlib import Path

from ..settings import Settings

SECRET_BYTES = 32  # as much as HMAC-SHA256 can use


def signing_secret(settings: Settings, env: MutableMapping[str, str]) -> str:
    """Put a secret into `env` where none is set and the machine is one's own. Returns a line to show, or "".

    Elsewhere nothing is made: the web process then refuses to start, and says what to set.
    """
    path = settings.secret_path
    if settings.secrets and path.exists() and not is_in_file(path, settings):
        return other(path, settings)
    if settings.secrets or settings.allow_unsigned or not settings.is_local:
        return ""
    is_new = not path.exists()
    if is_new:
        write(path, secrets.token_urlsafe(SECRET_BYTES))
    env["INBOUNDFLOW_SIGNING_SECRET"] = path.read_text().strip()
    if is_new and sys.stdout.isatty():
        return f"  A signing secret was made; set the same in InboundFlow: {env['INBOUNDFLOW_SIGNING_SECRET']}"
    return f"  The signing secret is in {path}; set the same in InboundFlow."


def other(path: Path, settings: Settings) -> str:
    """What the file holds is not what is in use; while secrets are changed, that is as it should be."""
    if path.read_text().strip().encode() in settings.secrets.values:
        return f"  {path} holds the secret before: when the change is over, put the new one into it."
    return f"  {path} holds another secret, which a start without the variable would use: put the variable's into it."


def is_in_file(path: Path, settings: Settings) -> bool:
    """Whether the secret in use is the one that was made here."""
    in_use = settings.secrets.values[:1]
    return path.exists() and in_use in ((), (path.read_text().strip().encode(),))


def write(path: Path, secret: str) -> None:
    """At once and for this user alone: half a secret would be worse than none."""
    new = path.with_name(f"{path.name}.{os.getpid()}")
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(secret + "\n")
    new.replace(path)
