"""Whether a password is the right one, asked one at a time: checking a stored hash takes 32 MB and 80 ms."""

from __future__ import annotations

import hmac
import threading
import unicodedata

from werkzeug.security import check_password_hash

from ..settings import Password

WAIT_S = 3


class Busy(Exception):
    """Others are being checked."""


class Door:
    def __init__(self, password: Password) -> None:
        self.password = password
        self.mutex = threading.Lock()

    def __enter__(self) -> Door:
        if not self.mutex.acquire(timeout=WAIT_S):
            raise Busy
        return self

    def __exit__(self, *_: object) -> None:
        self.mutex.release()

    def is_right(self, typed: str, password: str = "") -> bool:
        """Whether it is DASHBOARD_PASSWORD, or that of the person with this hash. Ask only inside `with door:`."""
        stored = password or (self.password.value if self.password.is_hash else "")
        if stored:
            return check_password_hash(stored, typed) or check_password_hash(stored, normal(typed))
        return hmac.compare_digest(normal(typed).encode(), normal(self.password.value).encode())


def normal(text: str) -> str:
    """An é may be typed as one sign or as two."""
    return unicodedata.normalize("NFC", text).strip()
