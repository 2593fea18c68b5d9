"""A link that signs in to the dashboard once: `receiver up` prints one, `receiver dashboard-link` makes another.

It is signed with a key that is made slowly from the password, so that whoever finds an old link cannot try passwords
on it any faster than at the door.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import secrets
import shlex
import time

from ..settings import Password
from .commands import command
from .sessions import LINK_S

SALT = b"inboundflow dashboard"
N, R, P = 2**15, 8, 1  # as werkzeug has them for a stored password
BY_ITSELF = "http://127.0.0.1:8000"  # for which the command makes a link unless it is told another
MEMORY = 64 * 1024 * 1024


@functools.lru_cache(maxsize=4)
def key_of(password: str) -> bytes:
    """Takes about 80 ms, and 32 MB while it lasts."""
    return hashlib.scrypt(password.encode(), salt=SALT, n=N, r=R, p=P, maxmem=MEMORY, dklen=32)


def password_mark(password: Password) -> str:
    """Changes with the password, and tells nothing of it: sessions carry it."""
    return mac(password, "session")[:32]


def mac(password: Password, message: str) -> str:
    return hmac.new(key_of(password.value), message.encode(), "sha256").hexdigest()


def make_link(password: Password, base: str) -> str:
    """A link for `LINK_S` seconds to the dashboard at this address."""
    until = f"{int(time.time()) + LINK_S}.{secrets.token_urlsafe(16)}"
    return f"{base}/sign-in/link?token={until}.{mac(password, until)}"


def link_command(base: str) -> str:
    """The command that prints another link to the dashboard at this address, as it is typed on this machine."""
    return command("dashboard-link" + (f" --url {shlex.quote(base)}" if base != BY_ITSELF else ""))


def is_link(password: Password, token: str) -> bool:
    """Whether we made this token, and not too long ago. Whether it was used, the inbox knows."""
    until, _, signature = token.rpartition(".")
    seconds = until.partition(".")[0]
    is_ours = hmac.compare_digest(mac(password, until).encode(), signature.encode(errors="replace"))
    return is_ours and seconds.isascii() and seconds.isdigit() and time.time() < int(seconds)
