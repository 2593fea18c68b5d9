"""The dashboard's password that `receiver up` makes at its first start on a person's own machine."""

from __future__ import annotations

import secrets
from collections.abc import MutableMapping
from pathlib import Path

from ..locales import Text, Texts
from ..operations import LINK_S, link_command, make_link
from ..settings import Password, Settings
from .secret import write_secret

WORDS = Path(__file__).with_name("words.txt")
NUMBER = 5  # of 256 words each: 40 bits, at a hundred tries an hour
TEXTS = Texts({
    "shows":    ("  shows calls  {where}", "  muestra en   {where}"),
    "once":     ("               (the link signs in once, within {n} minutes; another: {command})",
                 "               (el enlace sirve una sola vez, durante {n} minutos; otro: {command})"),
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
    return [TEXTS("shows", where=make_link(settings.dashboard_password, address)), once(address)]


def once(address: str) -> Text:
    """For how long the link is good, and how another is made in a second terminal."""
    return TEXTS("once", n=LINK_S // 60, command=link_command(address))


def password_in_use(settings: Settings) -> Password:
    """The one that is set, or else the one that was made; an empty one where there is neither."""
    try:
        return settings.dashboard_password or Password(settings.password_path.read_text().strip())
    except OSError:
        return Password()
