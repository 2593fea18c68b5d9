"""The dashboard's password that `receiver up` makes at its first start on a person's own machine."""

from __future__ import annotations

import secrets
from collections.abc import MutableMapping
from pathlib import Path

from ..locales import Texts
from ..operations import make_link
from ..settings import Settings
from .secret import write_secret

WORDS = Path(__file__).with_name("words.txt")
NUMBER = 5  # of 256 words each: 40 bits, at a hundred tries an hour
TEXTS = Texts({
    "shows":    ("  shows calls  {where}", "  muestra en   {where}"),
    "password": ("{address}/ to whoever has DASHBOARD_PASSWORD", "{address}/ a quien tenga DASHBOARD_PASSWORD"),
})  # fmt: skip


def dashboard_password(settings: Settings, env: MutableMapping[str, str]) -> None:
    """Put a password into `env` where none is set and this is a person's own machine."""
    if settings.dashboard_password or not settings.is_local:
        return
    if not settings.password_path.exists():
        write_secret(settings.password_path, "-".join(secrets.choice(words()) for _ in range(NUMBER)))
    env["DASHBOARD_PASSWORD"] = settings.password_path.read_text().strip()


def words() -> list[str]:
    return WORDS.read_text().split()


def dashboard_lines(settings: Settings, port: int) -> list[str]:
    """For the greeting: where the pages are, with a link that signs in."""
    if not settings.dashboard_password:
        return []
    address = f"http://{settings.url_host}:{port}"
    if not settings.is_local:
        return [TEXTS("shows", where=TEXTS("password", address=address))]
    return [TEXTS("shows", where=make_link(settings.dashboard_password, address))]
