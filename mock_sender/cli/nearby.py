"""Where no address is given: the receiver on this machine, by the variables that it reads itself."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from ..payloads import LANGUAGES

LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set counts
EVERYWHERE = ("", "0.0.0.0", "::", "[::]")  # a server that listens there answers on loopback too


def url(env: Mapping[str, str]) -> str:
    """Its webhook's address, by HOST and PORT."""
    host = env.get("HOST", "").strip()
    host = "127.0.0.1" if host in EVERYWHERE else host
    host = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return f"http://{host}:{env.get('PORT', '').strip() or 8000}/webhooks/inboundflow"


def listens(url: str) -> bool:
    """Whether anything takes a connection there."""
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 80), timeout=2).close()
        return True
    except OSError:
        return False


def language(env: Mapping[str, str]) -> str:
    """What its callers speak: BUSINESS_LANGUAGE, else the terminal's language, else English."""
    terminal = next((env[name] for name in LOCALE if env.get(name)), "")
    asked = (env.get("BUSINESS_LANGUAGE", "").strip()[:2].lower(), terminal[:2])
    return next((each for each in asked if each in LANGUAGES), "en")


def secret_file(env: Mapping[str, str]) -> Path | None:
    """The secret that its first start made, in DATA_DIR or here in `var`; None where there is none."""
    path = Path(env.get("DATA_DIR", "").strip() or "var").expanduser() / "signing_secret"
    return path if path.is_file() else None
