"""Explains an attempt on the pages: its answer, how long it took, and what to do."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass

# The sender's words for a failure, which text says it on a page, and which says what to do.
FAILURES = (
    (r"no answer in (?P<n>.+) s", "came_nothing", "do_answer_first"),
    (r"could not connect: nothing listens there", "came_refused", "do_start"),
    (r"could not connect: the name is not known", "came_no_name", "do_spelling"),
    (r"could not connect: (?P<what>.+)", "came_no_connection", "do_network"),
    (r"the connection was closed without an answer", "came_closed", "do_log"),
    (r"the connection was cut on purpose", "came_cut", "do_nothing"),
    (r"its certificate is not valid: (?P<what>.+)", "came_certificate", "do_certificate"),
    (r"no secure connection: (?P<what>.+)", "came_no_tls", "do_certificate"),
    (r"what came back is not HTTP: (?P<what>.+)", "came_not_http", "do_port"),
    (r"(?P<n>3\d\d): a redirect to (?P<what>.+) is not followed.*", "came_redirect", "do_final_address"),
    (r"(?P<n>401|403)\b:? ?(?P<what>.*)", "came_status", "do_secret"),
    (r"(?P<n>404|405) \(.*\)", "came_bare_status", "do_path"),
    (r"(?P<n>404|405)\b:? ?(?P<what>.*)", "came_status", "do_path"),
    (r"(?P<n>5\d\d)\b:? ?(?P<what>.*)", "came_status", "do_log"),
    (r"(?P<n>\d\d\d)\b:? ?(?P<what>.*)", "came_status", "do_read"),
    (r"(?P<what>.*)", "came_other", "do_log"),
)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """`text` and `todo` name texts; `values` fill the first one."""

    good: bool
    status: int | None
    latency_ms: float
    text: str
    values: dict[str, str]
    todo: str
    body: str


def outcome(status: int | None, failure: str, latency_s: float, body: str, *, signed: bool = True) -> Outcome:
    text, values, todo = explain(failure) if failure else accepted(status, body, signed=signed)
    return Outcome(
        good=not failure, status=status, latency_ms=latency_s * 1000, text=text, values=values, todo=todo, body=body
    )


def accepted(status: int | None, body: str, *, signed: bool) -> tuple[str, dict[str, str], str]:
    """Text, values and advice for a 2xx. An unsigned delivery should not have been taken, so it gets other advice."""
    word = ""
    with suppress(ValueError, AttributeError):
        word = str(json.loads(body).get("status") or "")
    text = "came_good_word" if word else "came_good"
    return text, {"n": str(status), "what": word}, "do_save" if signed else "do_sign"


def explain(failure: str) -> tuple[str, dict[str, str], str]:
    for pattern, text, todo in FAILURES:
        if match := re.fullmatch(pattern, failure, re.DOTALL):
            values = match.groupdict()
            bare = text == "came_status" and not values["what"]
            return "came_bare_status" if bare else text, values, todo
    raise AssertionError("the last pattern takes everything")
