"""Trouble in the body, all of it authentic: the signature is made as the documentation says."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from .kinds import Draft, Trouble

TRANSCRIPT_CHARS = 200_000
Envelope = dict[str, Any]


def changed(name: str, says: str, change: Callable[[random.Random, Envelope], object]) -> Trouble:
    """A trouble that changes the envelope in place, or returns another."""

    def draft(rng: random.Random, was: Draft) -> Draft:
        envelope = was.envelope()
        other = change(rng, envelope)
        return was.with_envelope(other if isinstance(other, dict) else envelope)

    return Trouble(name=name, says=says, draft=draft)


def rewritten(name: str, says: str, text: Callable[[Envelope], str]) -> Trouble:
    """A trouble that writes the same values otherwise; what is signed is JSON.stringify of them, as documented."""

    def draft(_: random.Random, was: Draft) -> Draft:
        return replace(was, signed=was.payload.body).with_body(text(was.envelope()).encode())

    return Trouble(name=name, says=says, draft=draft)


def raw(name: str, says: str, body: Callable[[Draft], bytes]) -> Trouble:
    """A trouble that signs and sends these bytes."""
    return Trouble(name=name, says=says, draft=lambda _, was: was.with_body(body(was)))


def missing(rng: random.Random, envelope: Envelope) -> None:
    for name in list(envelope["data"])[1:]:
        if rng.random() < 0.7:
            del envelope["data"][name]


def extra(_: random.Random, envelope: Envelope) -> None:
    envelope |= {"api_version": "2027-01-01", "attempt": 1}
    envelope["data"] |= {"sentiment": "calm", "tags": ["new", {"deep": [None, True, 1.5]}]}


def wrong_types(_: random.Random, envelope: Envelope) -> None:
    kinds = [{"a": 1}, [1, "two"], 12, "55", True, -0.5]
    envelope["data"] = {name: kinds[n % len(kinds)] for n, name in enumerate(envelope["data"])}
    envelope["organization_id"] = 7


def long_transcript(rng: random.Random, envelope: Envelope) -> None:
    words = ("sí", "claro", "appointment", "mañana", "at", "ten", "thank", "you", "—", "vale")
    line = " ".join(rng.choice(words) for _ in range(40)) + "\n"
    envelope["data"]["transcript"] = (line * (TRANSCRIPT_CHARS // len(line) + 1))[:TRANSCRIPT_CHARS]


def say(text: str) -> Callable[[random.Random, Envelope], None]:
    def change(_: random.Random, envelope: Envelope) -> None:
        envelope["data"] |= {"caller_name": text, "summary": f"{text} called. {text}"}

    return change


def emptied(_: random.Random, envelope: Envelope) -> None:
    envelope["data"] = dict.fromkeys(envelope["data"])


def unknown_event(_: random.Random, envelope: Envelope) -> None:
    envelope["event"] = "call.voicemail"


def old(_: random.Random, envelope: Envelope) -> None:
    envelope["timestamp"] = "2024-02-24T21:00:00.000Z"


def without_id(_: random.Random, envelope: Envelope) -> None:
    del envelope["delivery_id"]


def surrogate(was: Draft) -> bytes:
    """As JSON.stringify writes a string that was cut inside an emoji."""
    return was.payload.body.replace(b'"caller_name":"', b'"caller_name":"\\ud83d', 1)


def integer_keys(was: Draft) -> bytes:
    """JSON.stringify writes these first and in order of number, wherever they were set."""
    return was.payload.body.replace(b'"data":{', b'"data":{"2":"two","10":"ten",', 1)


ALL = (
    changed("unknown-event", "an event that is not documented: call.voicemail", unknown_event),
    changed("missing-fields", "most fields of data are not there", missing),
    changed("null-fields", "every field of data is null", emptied),
    changed("extra-fields", "fields that are new, in the envelope and in data", extra),
    changed("wrong-types", "objects, lists and numbers where strings were", wrong_types),
    changed("transcript", "data.transcript of 200,000 characters", long_transcript),
    changed("emoji", "emoji and combining signs", say("Zoë 👩🏽‍⚕️🦷 e\u0301 🇪🇸")),
    changed("right-to-left", "Arabic, Hebrew and marks of direction", say("\u202eمريم \u2067עדה\u2069")),
    changed("nul", "a NUL character inside a string", say("Ada\x00Moreno")),
    changed("no-delivery-id", "the envelope has no delivery_id", without_id),
    changed("old-event", "something that happened long ago, sent now", old),
    rewritten("json-spacing", "the body is indented on the wire, signed as JSON.stringify writes it",
              lambda e: json.dumps(e, ensure_ascii=False, indent=2)),
    rewritten("unicode-escapes", "every letter beyond ASCII is a \\u escape on the wire, signed as above",
              lambda e: json.dumps(e, separators=(",", ":"))),
    raw("lone-surrogate", "half of an emoji, as \\ud83d", surrogate),
    raw("integer-keys", "keys of data that are numbers, in JavaScript's order", integer_keys),
    raw("not-json", "signed text that is no JSON", lambda was: b"call=completed&caller=%2B1234567890"),
    raw("not-utf8", "signed bytes that are no text", lambda was: b'{"event":"\xff\xfe"}'),
    raw("empty", "a signed body of no bytes", lambda was: b""),
)  # fmt: skip
