"""Secrets at rest: sealed by a key that is in the environment, or in a file of its owner's, and never in the database.

Fernet of the package `cryptography` (AES in CBC mode with an HMAC). The key is derived by HKDF, as people write
passwords of any length into SECRET_KEY.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from .errors import ConfigurationError

PURPOSE = b"inboundflow-receiver sources"  # SECRET_KEY serves other purposes too
SHORTEST = 16


class Sealer:
    """The first key seals; every one is tried to open, so that a key can be changed."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self.keys = tuple(keys)

    def __bool__(self) -> bool:
        return bool(self.keys)

    def seal(self, value: object) -> str:
        """Of what JSON can hold. Raises ConfigurationError where there is no key, or a short one."""
        if not self.keys:
            raise ConfigurationError(
                "SECRET_KEY is not set. Secrets of sources are sealed with it in the database: set a long random one "
                "for every process of the receiver, and keep a copy where the database's backups are not."
            )
        if len(self.keys[0]) < SHORTEST:
            raise ConfigurationError(f"SECRET_KEY should have {SHORTEST} characters or more.")
        token: bytes = self.fernet.encrypt(json.dumps(value).encode())
        return token.decode()

    def open(self, sealed: str) -> Any:
        """Raises ConfigurationError where none of the keys is the one that it was sealed with."""
        from cryptography.fernet import InvalidToken

        try:
            return json.loads(self.fernet.decrypt(sealed.encode()))
        except InvalidToken as error:
            raise ConfigurationError(
                "SECRET_KEY is not the one that the sources' secrets were sealed with: set that one, as "
                "SECRET_KEY_PREVIOUS too if the key is to change."
            ) from error

    @cached_property
    def fernet(self) -> Any:
        from cryptography.fernet import Fernet, MultiFernet

        return MultiFernet([Fernet(derived(key)) for key in self.keys] or [Fernet(derived(b""))])


def derived(key: bytes) -> bytes:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return base64.urlsafe_b64encode(HKDF(hashes.SHA256(), 32, salt=None, info=PURPOSE).derive(key))


def shown(variables: Mapping[str, str]) -> dict[str, str]:
    """The names, with as much of the values as a person needs to tell them apart."""
    return {name: f"…{value[-4:]}" if len(value) >= 24 else "set" for name, value in variables.items()}
