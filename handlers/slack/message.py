"""Messages as Slack takes them. All that a caller said is plain text, in which Slack looks for nothing.

Limits: https://docs.slack.dev/reference/block-kit/blocks
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from receiver import Event, clean, shown_phone, shown_time

from .words import KINDS, LABELS, LINKS, PHRASES, TITLES

HEADER_CHARS, SECTION_CHARS, FIELD_CHARS, FIELDS_MOST, BUTTON_CHARS, URL_CHARS = 150, 3000, 2000, 10, 75, 3000
TEXT_CHARS = 3900  # of the message's own text, for notifications; Slack advises to stay below 4,000
NAME_CHARS = 80
URGENT = ("high", "urgent", "critical")


def is_urgent(events: Sequence[Event]) -> bool:
    return any((getattr(event, "urgency", None) or "").strip().lower() in URGENT for event in events)


def of_call(events: Sequence[Event], settings: Mapping[str, str]) -> dict[str, Any]:
    """What is known of a call by these events: the same message, whatever order they came in."""
    story = sorted(events, key=lambda event: (rank(event), event.timestamp or "", event.delivery_id))
    language = settings["BUSINESS_LANGUAGE"]
    who = first(story, "caller_name") or shown_phone(first(story, "caller_phone"))
    phrase = PHRASES[language]["urgent" if is_urgent(story) else "from"]
    header = phrase.format(who=who[:NAME_CHARS] or PHRASES[language]["nobody"])
    happened = list(dict.fromkeys(title(event, language) for event in story))
    return message(header, story, settings, above=" · ".join(happened))


def of_event(event: Event, settings: Mapping[str, str]) -> dict[str, Any]:
    """One event by itself."""
    language = settings["BUSINESS_LANGUAGE"]
    return message(title(event, language), [event], settings, above=first([event], "caller_name"))


def message(header: str, story: Sequence[Event], settings: Mapping[str, str], *, above: str) -> dict[str, Any]:
    language = settings["BUSINESS_LANGUAGE"]
    fields = [
        f"{label}\n{value}" for name, label in LABELS[language].items() if (value := shown(story, name, settings))
    ]
    summary = first(story, "summary") or first(story, "call_summary")
    links = [(label, url) for name, label in LINKS[language].items() if usable(url := first(story, name))]
    call_id = clean(story[0].call_id or "") or PHRASES[language]["unknown"]
    blocks: list[dict[str, Any]] = [{"type": "header", "text": plain(header, HEADER_CHARS)}]
    if above:
        blocks.append({"type": "context", "elements": [plain(above, FIELD_CHARS)]})
    if fields:
        blocks.append({"type": "section", "fields": [plain(field, FIELD_CHARS) for field in fields[:FIELDS_MOST]]})
    if summary:
        blocks.append({"type": "section", "text": plain(summary, SECTION_CHARS)})
    if links:
        blocks.append({"type": "actions", "elements": [button(label, url) for label, url in links]})
    blocks.append({"type": "context", "elements": [plain(f"{PHRASES[language]['call']} {call_id}", FIELD_CHARS)]})
    text = escaped(": ".join(part for part in (header, one_line(summary or above)) if part), TEXT_CHARS)
    return {"text": text, "blocks": blocks, "mrkdwn": False, "unfurl_links": False, "unfurl_media": False}


def without_blocks(content: Mapping[str, Any]) -> dict[str, Any]:
    """The same in text alone, for the case that Slack refuses the blocks."""
    parts = [
        part["text"]
        for block in content["blocks"]
        for part in (block.get("text"), *block.get("fields", ()), *(block.get("elements", ())))
        if part and part["type"] == "plain_text"
    ]
    kept = {name: value for name, value in content.items() if name != "blocks"}
    return kept | {"text": escaped("\n".join(parts), TEXT_CHARS)}


def rank(event: Event) -> int:
    return KINDS.index(type(event)) if type(event) in KINDS else len(KINDS)


def title(event: Event, language: str) -> str:
    return TITLES[language].get(type(event)) or clean(event.event)[:NAME_CHARS] or PHRASES[language]["odd"]


def first(story: Sequence[Event], name: str) -> str:
    """The first event's that says it."""
    found = (clean(str(value)).strip() for event in story if (value := getattr(event, name, None)) is not None)
    value = next(filter(None, found), "")
    return value if name in ("summary", "call_summary") else one_line(value)


def shown(story: Sequence[Event], name: str, settings: Mapping[str, str]) -> str:
    value = first(story, name)
    if name == "caller_phone":
        return shown_phone(value)
    if name == "appointment_time_start":
        return shown_time(value, settings)
    if name == "duration_seconds" and value:
        return f"{int(value) // 60}:{int(value) % 60:02d} min"
    return value


def one_line(text: str) -> str:
    return " ".join(text.split())


def plain(text: str, most: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": text if len(text) <= most else text[: most - 1] + "…", "emoji": False}


def button(label: str, url: str) -> dict[str, Any]:
    return {"type": "button", "text": plain(label, BUTTON_CHARS), "url": url, "action_id": f"open_{label[:4].lower()}"}


def usable(url: str) -> bool:
    return url.startswith("https://") and len(url) <= URL_CHARS


def escaped(text: str, most: int) -> str:
    """At most `most` characters after escaping, never ending inside an entity."""
    out: list[str] = []
    length = 0
    for char in text:
        piece = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}.get(char, char)
        if length + len(piece) > most - 1:
            return "".join(out) + "…"
        out.append(piece)
        length += len(piece)
    return "".join(out)
