"""What callers say, made harmless and short: Slack shows it as text, and reads no mention, link or mark in it."""

from __future__ import annotations

import re

# plain_text is neither parsed nor escaped, so a look-alike serves every reader of it.
BRACKETS = str.maketrans({"<": "‹", ">": "›"})
ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# Marks cannot be escaped in a message's own text: https://docs.slack.dev/messaging/formatting-message-text
MARKS = str.maketrans({"*": "∗", "~": "∼", "`": "ˋ"})
LINK = str.maketrans({"<": "%3C", ">": "%3E", "|": "%7C", "&": "&amp;"})
LOOSE_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")  # those in ada_moreno@… start no italics


def for_plain_text(text: str, limit: int) -> str:
    """For plain_text objects: at most `limit` UTF-16 units."""
    return cut([*text.translate(BRACKETS)], limit)


def escaped(text: str, limit: int) -> str:
    """For a message's own text, with no link, mention or mark; never cut inside an entity."""
    text = LOOSE_UNDERSCORE.sub("＿", text.translate(MARKS))
    return cut([ENTITIES.get(char, char) for char in text], limit)


def percent_encoded(url: str) -> str:
    """For the address of a link: with nothing in it that would end it, or that Slack reads as an entity."""
    return url.translate(LINK)


def cut(pieces: list[str], limit: int) -> str:
    """At most `limit` UTF-16 units, by which JavaScript counts, of whole pieces."""
    if sum(map(units, pieces)) <= limit:
        return "".join(pieces)
    kept, room = [], limit - 1
    for piece in pieces:
        room -= units(piece)
        if room < 0:
            break
        kept.append(piece)
    return "".join(kept) + "…"


def units(text: str) -> int:
    return sum(2 if ord(char) > 0xFFFF else 1 for char in text)
