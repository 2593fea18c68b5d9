"""The signing secret that `receiver up` makes at its first start on a person's own machine."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import MutableMapping
from pathlib import Path

from ..locales import Texts
from ..settings import Settings

SECRET_BYTES = 32  # as much as HMAC-SHA256 can use
# fmt: off
TEXTS = Texts({
    "made":    ("  A signing secret was made; set the same in InboundFlow: {secret}",
                "  Se creó un secreto de firma; pon el mismo en InboundFlow: {secret}"),
    "in_file": ("  The signing secret is in {path}; set the same in InboundFlow.",
                "  El secreto de firma está en {path}; pon el mismo en InboundFlow."),
    "before":  ("  {path} holds the secret before: when the change is over, put the new one into it.",
                "  {path} contiene el secreto anterior: cuando termine el cambio, pon ahí el nuevo."),
    "other":   ("  {path} holds another secret, which a start without the variable would use: put the variable's into "
                "it.",
                "  {path} contiene otro secreto, que usaría un arranque sin la variable: pon ahí el de la variable."),
})
# fmt: on


def signing_secret(settings: Settings, env: MutableMapping[str, str]) -> str:
    """Put a secret into `env` where none is set and this is a person's own machine. Returns a line to show, or "".

    On a platform nothing is made: the web process then refuses to start, and names the variable to set.
    """
    path = settings.secret_path
    if settings.secrets and path.exists() and not is_in_file(path, settings):
        return other_secret(path, settings)
    if settings.has_business or not settings.is_local:
        return ""
    is_new = not path.exists()
    if is_new:
        write_secret(path, secrets.token_urlsafe(SECRET_BYTES))
    env["INBOUNDFLOW_SIGNING_SECRET"] = path.read_text().strip()
    if is_new and sys.stdout.isatty():
        return TEXTS("made", secret=env["INBOUNDFLOW_SIGNING_SECRET"])
    return TEXTS("in_file", path=str(path))


def other_secret(path: Path, settings: Settings) -> str:
    """The line for a file that holds another secret than the one in use, as is right while secrets are changed."""
    if path.read_text().strip().encode() in settings.secrets.values:
        return TEXTS("before", path=str(path))
    return TEXTS("other", path=str(path))


def is_in_file(path: Path, settings: Settings) -> bool:
    """Whether the file holds the secret in use."""
    in_use = settings.secrets.values[:1]
    return path.exists() and in_use in ((), (path.read_text().strip().encode(),))


def write_secret(path: Path, secret: str) -> None:
    """Write the file for this user alone, whole or not at all: a start with half a secret would keep that."""
    new = path.with_name(f"{path.name}.{os.getpid()}")
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(secret + "\n")
    new.replace(path)
