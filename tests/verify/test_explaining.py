import base64
import hashlib
import hmac
import json
import random

import pytest

from mock_sender import payloads
from receiver.verify import Mistake, mistakes
from receiver.verify.explaining import TEXTS

SECRET, PREVIOUS, OLD = b"the secret of tests", b"the one before it", b"the one in the file"
NOW = 1_709_064_000
BODIES = [payloads.sample(random.Random(seed), event).body for seed, event in enumerate(payloads.EVENTS)]
# A name with letters that are written as escapes.
BODIES.append(payloads.stringify(json.loads(BODIES[0]) | {"data": {"call_id": "c", "caller_name": "María 😀"}}))


def signed(body, *, key=SECRET, timestamp=NOW, message=None):
    return hmac.new(key, message if message is not None else f"{timestamp}.".encode() + body, hashlib.sha256)


def request(body, digest, *, timestamp=NOW):
    signature = digest if isinstance(digest, str) else f"sha256={digest.hexdigest()}"
    return {"X-InboundFlow-Signature": signature, "X-InboundFlow-Timestamp": str(timestamp)}, body


def in_base64(body):
    return base64.b64encode(signed(body).digest()).decode()


def rewritten(body, **how):
    return json.dumps(json.loads(body), **how).encode()


def shuffled(body):
    value = json.loads(body)
    return json.dumps(dict(reversed(value.items())), ensure_ascii=False, separators=(",", ":")).encode()


# The mistakes     what makes a request with them of a body
MADE = {
    ("right",): lambda b: request(b, signed(b)),
    ("previous-secret",): lambda b: request(b, signed(b, key=PREVIOUS)),
    ("old-secret",): lambda b: request(b, signed(b, key=OLD)),
    ("secret-whitespace", "\\n"): lambda b: request(b, signed(b, key=SECRET + b"\n")),
    ("secret-whitespace", "space"): lambda b: request(b, signed(b, key=b" " + SECRET)),
    ("secret-whitespace", "\\r\\n"): lambda b: request(b, signed(b, key=SECRET + b"\r\n")),
    ("secret-whitespace", "inside"): lambda b: request(b, signed(b, key=SECRET.replace(b" ", b""))),
    ("secret-quotes", '"'): lambda b: request(b, signed(b, key=b'"' + SECRET + b'"')),
    ("secret-quotes", "'"): lambda b: request(b, signed(b, key=b"'" + SECRET + b"'")),
    ("body-reformatted", "pretty"): lambda b: request(rewritten(b, indent=2, ensure_ascii=False), signed(b)),
    ("body-reformatted", "spaces"): lambda b: request(rewritten(b, ensure_ascii=False), signed(b)),
    ("body-reordered", "sorted"): lambda b: request(rewritten(b, sort_keys=True), signed(b)),
    ("body-reordered", "reversed"): lambda b: request(shuffled(b), signed(b)),
    ("body-trimmed", "line end"): lambda b: request(b + b"\r\n", signed(b)),
    ("body-trimmed", "BOM"): lambda b: request(b"\xef\xbb\xbf" + b, signed(b)),
    ("timestamp-milliseconds", "both"): lambda b: request(
        b, signed(b, timestamp=NOW * 1000 + 7), timestamp=NOW * 1000 + 7
    ),
    ("timestamp-milliseconds", "header"): lambda b: request(b, signed(b), timestamp=NOW * 1000 + 7),
    ("timestamp-milliseconds", "signed"): lambda b: request(b, signed(b, timestamp=NOW * 1000)),
    ("base64",): lambda b: request(b, in_base64(b)),
    ("base64", "with its prefix"): lambda b: request(b, f"sha256={in_base64(b)}"),
    ("no-prefix",): lambda b: request(b, signed(b).hexdigest()),
    ("upper-case",): lambda b: request(b, f"sha256={signed(b).hexdigest().upper()}"),
    ("body-only",): lambda b: request(b, signed(b, message=b)),
    ("clock", "late"): lambda b: request(b, signed(b, timestamp=NOW - 3600), timestamp=NOW - 3600),
    ("clock", "early"): lambda b: request(b, signed(b, timestamp=NOW + 301), timestamp=NOW + 301),
}
SECONDS = {"late": -3600, "early": 301}


def explained(headers, body, secrets=(SECRET, PREVIOUS), old_secrets=(OLD,)):
    return mistakes(headers, body, NOW * 1_000_000, secrets=secrets, tolerance_s=300, old_secrets=old_secrets)


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
@pytest.mark.parametrize("made", MADE, ids=" ".join)
def test_a_mistake_is_named(made, body):
    slug, seconds = made[0], SECONDS.get(made[-1], 0)

    assert explained(*MADE[made](body)) == (Mistake(slug, seconds),)


def test_escapes_are_named_where_there_are_letters_to_escape():
    assert explained(*request(rewritten(BODIES[-1]), signed(BODIES[-1]))) == (Mistake("body-escaped"),)


def test_two_mistakes_are_both_named():
    body = BODIES[0]
    old = NOW - 900

    assert explained(*request(body, signed(body, message=body).hexdigest())) == (
        Mistake("no-prefix"),
        Mistake("body-only"),
    )
    assert explained(*request(body, signed(body, timestamp=old, key=OLD), timestamp=old)) == (
        Mistake("old-secret"),
        Mistake("clock", -900),
    )


QUOTED = b'"' + SECRET + b'"'


def test_quotation_marks_and_spaces_on_this_side_are_named_too():
    body = BODIES[0]

    assert explained(*request(body, signed(body)), secrets=(QUOTED,)) == (Mistake("secret-quotes"),)


STRANGERS = {
    "another secret": lambda b: request(b, signed(b, key=b"a stranger's")),
    "another body": lambda b: request(b"{}", signed(b)),
    "another time": lambda b: request(b, signed(b, timestamp=NOW - 7)),
    "no signature": lambda b: ({"X-InboundFlow-Timestamp": str(NOW)}, b),
    "an empty one": lambda b: request(b, "sha256="),
    "signs": lambda b: request(b, "sha256=" + "é" * 64),
    "no JSON": lambda b: request(b"\xff\x00" + b, signed(b)),
    "deep": lambda b: request(b"[" * 30_000, signed(b)),
    "large": lambda b: request(b.ljust(70_000), signed(b)),
    "no timestamp": lambda b: request(b, signed(b), timestamp=""),
    "an empty secret": lambda b: request(b, signed(b, key=b"")),
}


@pytest.mark.parametrize("made", STRANGERS)
def test_of_a_strangers_request_nothing_is_named(made):
    assert explained(*STRANGERS[made](BODIES[0])) == ()


def test_every_mistake_is_told_in_both_languages_and_without_a_secret():
    slugs = {made[0] for made in MADE} | {"body-escaped"}

    assert slugs == TEXTS.keys()
    assert all(texts.keys() == {"en", "es"} and texts["en"] != texts["es"] for texts in TEXTS.values())
    assert Mistake("clock", -3600).describe("es").count("3600") == 1
