"""The time at which a delivery was signed."""

from __future__ import annotations

from .plain import declare

GROUP = "freshness"
REPLAY = "A captured delivery must not be good for ever; the signed timestamp is there for this."
CLOCKS = "Clocks differ, and networks and queues take time."
WINDOW = "Accept what is at most five minutes off, in both directions."

declare(GROUP, "refused", (
    (40, "stale", "stale", "An hour old is refused", "rightly signed, an hour ago", REPLAY, WINDOW),
    (41, "future", "future", "An hour ahead is refused", "rightly signed, for in an hour", REPLAY,
     WINDOW + " Take the absolute difference."),
    (44, "missing-timestamp", "no-timestamp", "No timestamp is refused", "no timestamp header", REPLAY,
     "Refuse with 401 where the header is missing."),
    (45, "not-a-number", "text-timestamp", "A timestamp that is no number is refused", '"yesterday", signed so',
     REPLAY, "Refuse what is not all digits; in JavaScript a comparison with NaN is never true."),
))  # fmt: skip
declare(GROUP, "accepted", (
    (42, "small-drift-behind", "drift-behind", "A minute old is accepted", "signed 60 seconds ago", CLOCKS, WINDOW),
    (43, "small-drift-ahead", "drift-ahead", "Half a minute ahead is accepted", "signed for in 30 s", CLOCKS, WINDOW),
))  # fmt: skip
declare(GROUP, "survives", (
    (46, "milliseconds", "milliseconds", "Milliseconds do no harm", "a timestamp in milliseconds, signed so",
     "A date far in the future must not crash the receiver.", "Compare numbers, do not make a date of it."),
))  # fmt: skip
