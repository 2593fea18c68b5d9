"""The service account's key and the sheet's id, read from the settings."""

from __future__ import annotations

import base64
import binascii
import functools
import json
import re
from collections.abc import Mapping

from receiver import ConfigurationError

INLINE, PATH = "GOOGLE_SERVICE_ACCOUNT_JSON", "GOOGLE_APPLICATION_CREDENTIALS"
GOOGLE = "https://sheets.googleapis.com"


def read_account(settings: Mapping[str, str]) -> dict[str, str]:
    """The service account's key. Raises ConfigurationError where it is none."""
    return account(settings.get(INLINE, ""), settings.get(PATH, ""))


@functools.cache
def account(text: str, path: str) -> dict[str, str]:
    """The key in `text`, as JSON or base64 of that, else the one in the file."""
    variable = INLINE if text else PATH
    try:
        if not text:
            with open(path) as file:
                text = file.read()
        info = json.loads(text if text.startswith("{") else base64.b64decode(text, validate=True))
        key = info["private_key"].replace("\\n", "\n")  # hosts without multi-line variables store it so
        return {**info, "private_key": key, "client_email": info["client_email"], "token_uri": info["token_uri"]}
    except (OSError, ValueError, binascii.Error, KeyError, TypeError, AttributeError) as error:
        raise ConfigurationError(
            f"{variable} is not the key of a service account: it should be the JSON that Google gave you, "
            "or base64 of it"
        ) from error


def sheet_id(text: str) -> str:
    """The id, also out of the sheet's whole address. Raises ConfigurationError where it is neither."""
    match = re.fullmatch(r"(?:https?://\S*/d/)?([\w-]+)(?:[/?#]\S*)?", text, re.ASCII)
    if not match or match[1] in ("http", "https"):
        raise ConfigurationError("GOOGLE_SHEET_ID should be the part of the sheet's address between /d/ and /edit")
    return match[1]
