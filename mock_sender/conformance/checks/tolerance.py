"""Authentic deliveries of odd content: what the documentation leaves open, or a caller may say."""

from __future__ import annotations

from dataclasses import replace

from ...payloads import stringify
from ..judging import accepted
from ..probe import Probe
from ..table import check
from ..verdict import Verdict
from .plain import declare

GROUP = "tolerance"
OPEN = "The documentation does not promise which fields there are; a 4xx or 5xx counts towards the ten failures."
ANSWER_FIRST = "Keep what was signed, answer 200, and look into it afterwards."
CALLERS = "Callers have such names, and a failure counts whatever its reason."
STORE = "Use utf8mb4 in MySQL; take NUL and lone surrogates out before you store text; keep the raw bytes."

declare(GROUP, "accepted", (
    (60, "unknown-event", "unknown-event", "An unknown event", "call.voicemail",
     "New events may come at any time.", "Answer 200 to an event you do not know: a default in the switch."),
    (61, "missing-fields", "missing-fields", "Missing fields", "data without most of its fields", OPEN, ANSWER_FIRST),
    (62, "null-fields", "null-fields", "Null fields", "every field of data null", OPEN, ANSWER_FIRST),
    (63, "extra-fields", "extra-fields", "New fields", "new fields in the envelope and in data", OPEN,
     "Ignore what you do not know; in pydantic: extra='ignore'."),
    (64, "wrong-types", "wrong-types", "Other types", "numbers as strings, objects as numbers", OPEN, ANSWER_FIRST),
    (65, "long-transcript", "transcript", "A long transcript", "data.transcript of 200,000 characters",
     'Documented: call.completed comes "with summary, transcript and caller info".',
     "Raise the limit of the body to 1 MB or more; Express has 100 kB, nginx 1 MB (client_max_body_size)."),
    (66, "emoji", "emoji", "Emoji and combining signs", "a caller_name of them", CALLERS, STORE),
    (67, "right-to-left", "right-to-left", "Arabic and Hebrew", "a caller_name of both", CALLERS, STORE),
    (68, "lone-surrogate", "lone-surrogate", "Half of an emoji", "a \\ud83d escape in a string",
     "A text that is cut to a length in JavaScript ends like this.", STORE),
    (70, "nul-character", "nul", "A NUL character", "a \\u0000 in a string",
     "Postgres refuses it in text, and that error would be a 500.", STORE),
    (71, "no-delivery-id", "no-delivery-id", "No delivery_id", "an envelope without delivery_id", OPEN,
     "Where there is none, take a hash of the body."),
    (72, "event-header-mismatch", "other-event-header", "Another event in the header",
     "X-InboundFlow-Event differs from the body", "The header is not signed; the body is.",
     "Take the event from the body."),
))  # fmt: skip


@check(69, "integer-like-keys", GROUP, "Keys that are numbers", sends='{"10": …, "9": …} in data, in that order',
       expected="2xx within 10 seconds; anything else is a warning",
       why="JSON.stringify puts such keys first, in order of number: the documentation's verifier signs them so. "
           "Whether there are ever such keys is not documented.",
       fix="If the raw bytes do not match, write it anew as JavaScript does, such keys first.",
       is_advice=True)  # fmt: skip
def integer_like_keys(probe: Probe) -> Verdict:
    draft = probe.draft()
    envelope = draft.envelope()
    data = envelope["data"]
    wire, signed = data | {"10": "ten", "9": "nine"}, {"9": "nine", "10": "ten"} | data
    draft = replace(draft, signed=stringify(envelope | {"data": signed}))
    return accepted(probe, draft.with_envelope(envelope | {"data": wire}).request())
