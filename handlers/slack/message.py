"""Messages in Block Kit: a call's, an event's, and a reply's. Text for notifications, blocks for the eye.

Limits: https://docs.slack.dev/reference/block-kit/blocks
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from receiver import Event
from receiver.toolkit import (
    first_text,
    in_order,
    is_urgent,
    known_number,
    one_line,
    say,
    shown_fields,
    shown_title,
    shown_value,
)

from .mention import mentions
from .text import escaped, for_plain_text, percent_encoded

HEADER_CHARS, SECTION_CHARS, FIELDS_PER_SECTION, TEXT_CHARS = 150, 3000, 10, 3700
VALUE_CHARS = 300  # of what stands beside a label; more of it would push the rest off the screen
# No buttons: also one that only opens an address warns whoever clicks it, unless the app has an interactivity URL.
LINKS = (("Listen to the recording", "recording_url"), ("Open in the calendar", "calendar_event_link"))
E164 = re.compile(r"\+[0-9]{6,15}")

Message = dict[str, Any]
Settings = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Content:
    """What events say, as people read it."""

    fields: Sequence[tuple[str, str]]  # label and value
    summary: str
    links: Sequence[str]

    def without(self, shown: Sequence[Content]) -> Content:
        """What none of the others has."""
        fields = {pair for other in shown for pair in other.fields}
        services = {("Interest", text) for label, text in fields if label == "Service"}
        links = {link for other in shown for link in other.links}
        return Content(
            fields=[pair for pair in self.fields if pair not in fields | services],
            summary="" if self.summary in [other.summary for other in shown] else self.summary,
            links=[link for link in self.links if link not in links],
        )


def of_call(events: Sequence[Event], settings: Settings) -> Message:
    """The latest state of a whole call, from the set of its events alone."""
    events, language = in_order(events), settings["BUSINESS_LANGUAGE"]
    about = next(filter(None, (shown_value(events, [n], settings) for n in ("intent", "service_type", "interest"))), "")
    head = " · ".join(filter(None, [who(events, settings), about[:1].upper() + about[1:]]))
    if is_urgent(events):
        head = f"🚨 {say('Urgent', language)}: {head}"
    titles = " · ".join(dict.fromkeys(shown_title(event, language) for event in events))
    blocks = [header(head), {"type": "context", "elements": [plain_text(titles, VALUE_CHARS)]}]
    content = content_of(events, settings)
    blocks += [*details(content, events, settings), footer(events, settings)]
    return mentioning(is_urgent(events), message(f"{head} ({titles})", blocks, content, settings), settings)


def of_event(event: Event, settings: Settings) -> Message:
    """One event by itself: for a webhook, and where no call is named."""
    events = [event]
    head = shown_title(event, settings["BUSINESS_LANGUAGE"])
    content = content_of(events, settings)
    blocks = [header(head), *details(content, events, settings), footer(events, settings)]
    return mentioning(
        is_urgent(events), message(f"{head}: {who(events, settings)}", blocks, content, settings), settings
    )


def of_reply(event: Event, settings: Settings, *, before: Sequence[Event] = (), urgent: bool = False) -> Message:
    """What an event adds to its call's thread, where those `before` it stand, and whether it made the call urgent."""
    head = shown_title(event, settings["BUSINESS_LANGUAGE"])
    top = {"type": "section", "text": mrkdwn(f"*{escaped(head, VALUE_CHARS)}*")}
    content = content_of([event], settings).without([content_of([other], settings) for other in before])
    blocks = [top, *details(content, [event], settings)]
    return mentioning(urgent, message(f"{head}: {who([event], settings)}", blocks, content, settings), settings)


def mentioning(urgent: bool, message: Message, settings: Settings) -> Message:
    """The message, with a mention of whoever should know of an urgent call."""
    names = mentions(settings) if urgent else ""
    if not names:
        return message
    top, *rest = message["blocks"]
    texts = {key: f"{names} {message[key]}" for key in ("text", "without_blocks")}
    return texts | {"blocks": [top, {"type": "section", "text": mrkdwn(names)}, *rest]}


def message(text: str, blocks: list[Message], content: Content, settings: Settings) -> Message:
    return {
        "text": escaped(text, TEXT_CHARS),
        "blocks": blocks,
        "without_blocks": in_plain_text(text, content, settings),
    }


def in_plain_text(text: str, content: Content, settings: Settings) -> str:
    """The same without blocks, for when Slack refuses those."""
    language = settings["BUSINESS_LANGUAGE"]
    lines = [f"{say(label, language)}: {value}" for label, value in content.fields]
    return escaped("\n".join([text, *lines, content.summary]).strip(), TEXT_CHARS)


def content_of(events: Sequence[Event], settings: Settings) -> Content:
    summary = first_text(events, "summary", "call_summary")[0]
    addresses = links(events, settings["BUSINESS_LANGUAGE"])
    return Content(fields=shown_fields(events, settings), summary=summary, links=addresses)


def details(content: Content, events: Sequence[Event], settings: Settings) -> list[Message]:
    """What is known, the summary, and the links."""
    language = settings["BUSINESS_LANGUAGE"]
    parts = ((bold(say(label, language)), beside(label, text, events)) for label, text in content.fields)
    fields = [part for pair in parts for part in pair]
    starts = range(0, len(fields), FIELDS_PER_SECTION)
    blocks: list[Message] = [{"type": "section", "fields": fields[i : i + FIELDS_PER_SECTION]} for i in starts]
    if content.summary:
        blocks.append({"type": "section", "text": plain_text(content.summary, SECTION_CHARS)})
    return blocks + [{"type": "section", "text": mrkdwn(link)} for link in content.links]


def beside(label: str, text: str, events: Sequence[Event]) -> Message:
    """What stands beside a label; the caller's number can be called from there."""
    number = known_number(events, "caller_phone")
    if label == "Phone" and E164.fullmatch(number):
        return mrkdwn(f"<tel:{number}|{text}>")
    return plain_text(text, VALUE_CHARS)


def links(events: Sequence[Event], language: str) -> list[str]:
    """A link to each address that is https, has no spaces in it, and is not too long."""
    addresses = [(say(label, language), first_text(events, attribute)[0]) for label, attribute in LINKS]
    shown = [f"<{percent_encoded(url)}|{label}>" for label, url in addresses if is_https_address(url)]
    return [link for link in shown if len(link) <= SECTION_CHARS]


def is_https_address(url: str) -> bool:
    return url.startswith("https://") and url.isprintable() and " " not in url


def who(events: Sequence[Event], settings: Settings) -> str:
    name = shown_value(events, ["caller_name", "caller_phone"], settings)
    return name or say("Unknown caller", settings["BUSINESS_LANGUAGE"])


def header(text: str) -> Message:
    return {"type": "header", "text": plain_text(text, HEADER_CHARS)}


def footer(events: Sequence[Event], settings: Settings) -> Message:
    language = settings["BUSINESS_LANGUAGE"]
    call = one_line(events[0].call_id or "") or say("unknown", language)
    return {"type": "context", "elements": [plain_text(f"{say('Call', language)} {call}", VALUE_CHARS)]}


def bold(label: str) -> Message:
    return {"type": "mrkdwn", "text": f"*{label}*"}


def plain_text(text: str, limit: int) -> Message:
    return {"type": "plain_text", "text": for_plain_text(text, limit), "emoji": False}  # :emoji: in a name stays text


def mrkdwn(text: str) -> Message:
    return {"type": "mrkdwn", "text": text, "verbatim": True}
