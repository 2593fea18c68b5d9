"""What is written into an object's properties."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

BODY_CHARS = 60_000  # HubSpot takes 65,536


def filled(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is empty, which would erase."""
    return {name: text for name, text in properties.items() if text not in (None, "")}


def email_note_key(contact: str, email: str) -> str:
    """Of the note that says which address a contact did not get."""
    return f"email:{contact}:{hashlib.sha256(email.encode()).hexdigest()[:16]}"


def markup(text: str) -> str:
    """Text as HubSpot's pages show it: what looks like markup is text, and no entity or tag is cut in two."""
    escaped = html.escape(text).replace("\n", "<br>")
    return escaped if len(escaped) <= BODY_CHARS else re.sub(r"[&<][^;>]*$", "", escaped[:BODY_CHARS]) + "…"


def stamp(moment: datetime | None) -> str:
    """In UTC with milliseconds, as HubSpot shows its own."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment else ""
