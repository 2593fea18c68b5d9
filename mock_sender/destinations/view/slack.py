"""A Slack channel as its members see it: messages with their threads, from the blocks or, without any, the text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..slack import CHANNEL, URGENT_CHANNEL
from . import plain
from .mrkdwn import Span, spans
from .texts import say

if TYPE_CHECKING:
    from ..server import Destinations

NAMES = {CHANNEL: "front-desk", URGENT_CHANNEL: "urgent"}
SHOWN = 30  # calls in a channel, the newest
LABEL = 15  # columns of a field's label, as text


@dataclass(frozen=True, kw_only=True)
class Block:
    """`parts` are the cells of `fields`, two in a line; every other kind has one."""

    kind: str  # header, section, context or fields
    parts: tuple[tuple[Span, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Message:
    at: float
    edited: bool
    blocks: tuple[Block, ...]
    replies: tuple[Message, ...] = ()

    @property
    def clock(self) -> str:
        return datetime.fromtimestamp(self.at).strftime("%H:%M")


@dataclass(frozen=True, kw_only=True)
class Channel:
    name: str
    messages: tuple[Message, ...]  # newest first
    earlier: int  # that are not shown


def channels(world: Destinations) -> list[Channel]:
    with world.slack.mutex:
        messages = [dict(message) for message in world.slack.messages]
    return [channel(name, of) for id, name in NAMES.items() if (of := [m for m in messages if m["channel"] == id])]


def channel(name: str, messages: Sequence[dict[str, Any]]) -> Channel:
    threads: dict[str, list[dict[str, Any]]] = {message["ts"]: [] for message in messages}
    for message in messages:
        if is_reply(message) and message["thread_ts"] in threads:
            threads[message["thread_ts"]].append(message)
    parents = [m for m in messages if not is_reply(m) or m["thread_ts"] not in threads]
    shown = parents[-SHOWN:][::-1]
    return Channel(
        name=name,
        messages=tuple(read(message, threads[message["ts"]]) for message in shown),
        earlier=len(parents) - len(shown),
    )


def is_reply(message: dict[str, Any]) -> bool:
    return bool(message.get("thread_ts", message["ts"]) != message["ts"])


def read(message: dict[str, Any], replies: Iterable[dict[str, Any]] = ()) -> Message:
    blocks = [block(given) for given in message["blocks"]]
    return Message(
        at=float(message["ts"]),
        edited="edited" in message,
        blocks=tuple(blocks) or (Block(kind="section", parts=(spans(message["text"]),)),),
        replies=tuple(map(read, replies)),
    )


def block(given: dict[str, Any]) -> Block:
    if "fields" in given:
        return Block(kind="fields", parts=tuple(map(part, given["fields"])))
    inside = [part(piece) for piece in given.get("elements", [given.get("text")]) if isinstance(piece, dict)]
    kind = given["type"] if given["type"] in ("header", "context") else "section"
    return Block(kind=kind, parts=(tuple(span for piece in inside for span in piece),))


def part(given: dict[str, Any]) -> tuple[Span, ...]:
    text = given.get("text")
    if not isinstance(text, str):
        return ()
    return spans(text) if given["type"] == "mrkdwn" else (Span(text=text),)


def lines(seen: Sequence[Channel], lang: str, width: int) -> list[str]:
    """The messages whole; of each reply the first line, as the whole thread would fill a terminal."""
    return [line for channel in seen for line in [f"#{channel.name}", *of_channel(channel, lang, width)]]


def of_channel(channel: Channel, lang: str, width: int) -> list[str]:
    told = [line for message in channel.messages for line in [*of_message(message, lang, width), ""]][:-1]
    return told + ([say("earlier", lang, n=channel.earlier)] if channel.earlier else [])


def of_message(message: Message, lang: str, width: int) -> list[str]:
    edited = f"  {say('edited', lang)}" if message.edited else ""
    body = [line for block in message.blocks for line in of_block(block, width - 4)]
    count = len(message.replies)
    head = say("reply", lang) if count == 1 else say("replies", lang, n=count)
    firsts = [f"  ↳ {of_block(reply.blocks[0], width - 8)[0]}" for reply in message.replies]
    thread = [head, *firsts] if count else []
    return [f"│ {line}".rstrip() for line in [f"InboundFlow  {message.clock}{edited}", *body, *thread]]


def of_block(block: Block, width: int) -> list[str]:
    texts = ["".join(span.text for span in part) for part in block.parts]
    if block.kind != "fields":
        return plain.wrapped(texts[0], width)
    pairs = zip(texts[::2], [*texts[1::2], ""], strict=False)
    return [
        plain.cut(f"{plain.padded(plain.one_line(label), LABEL)} {plain.one_line(text)}", width)
        for label, text in pairs
    ]
