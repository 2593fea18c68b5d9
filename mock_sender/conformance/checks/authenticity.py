"""Forgeries, which must be refused, and genuine signatures that are easily taken for one."""

from __future__ import annotations

from ...sign import sign
from ...trouble.kinds import header
from ..evidence import redacted
from ..judging import accepted, is_refused
from ..probe import Probe
from ..table import check
from ..verdict import Verdict, failed, passed
from .plain import declare

GROUP = "authenticity"
ANYBODY = 'Documented as a best practice: "verify signatures". Anybody who finds the address can post to it.'
STRINGIFY = (
    "The documentation's own verifier signs JSON.stringify(body). Whether the bytes on the wire ever look otherwise is "
    "not documented."
)
VERIFY = "Refuse with 401 before anything else when the header is missing or differs; compare in constant time."

declare(GROUP, "refused", (
    (20, "no-signature", "no-signature", "An unsigned delivery is refused", "no signature header", ANYBODY, VERIFY),
    (21, "wrong-signature", "wrong-signature", "A wrong signature is refused", "64 digits that are wrong",
     ANYBODY, VERIFY),
    (22, "other-secret", "other-secret", "Another secret is refused", "signed with another secret", ANYBODY, VERIFY),
    (23, "altered-body", "altered-body", "A changed body is refused", "one bit changed after signing", ANYBODY, VERIFY),
    (24, "altered-timestamp", "altered-timestamp", "A changed timestamp is refused", "the timestamp header, 1 s later",
     "The timestamp is signed, so that an old delivery cannot be made to look new.",
     "Sign exactly the timestamp's header as it came, a dot, and the body."),
    (25, "body-only-signature", "body-only-signature", "A signature without the timestamp is refused",
     "an HMAC of the body alone", "It could be replayed for ever.", "Sign `<timestamp>.<body>`, not the body alone."),
    (26, "empty-signature", "empty-signature", "An empty signature is refused", "`sha256=` and nothing behind it",
     ANYBODY, "Compare the whole header with `sha256=` and the 64 digits you expect."),
    (27, "bare-hex-truncated", "short-signature", "The beginning of a signature is refused",
     "the first 8 digits of the right signature", "Eight digits can be guessed.",
     "Compare whole values; in Node timingSafeEqual needs equal lengths: check them first, or it throws (500)."),
))  # fmt: skip


@check(28, "no-answer-secret", GROUP, "No answer tells the secret or the right signature", sends="three forgeries",
       expected="neither of them anywhere in the answers",
       why="Whoever reads it in an answer can sign deliveries.",
       fix='Say "bad signature" and no more; switch debug pages off (Flask: debug=False).')  # fmt: skip
def no_answer_secret(probe: Probe) -> Verdict:
    for name in ("no-signature", "wrong-signature", "altered-body"):
        request = probe.troubled(name)
        right = sign(probe.secret, header(request, "X-InboundFlow-Timestamp"), request.body).removeprefix("sha256=")
        answer = probe.send(request)
        text = answer.body + "".join(value for _, value in answer.headers)
        if not probe.mark(answer, right not in text and redacted(text, [probe.secret]) == text):
            return failed("the answer to a forged delivery tells the secret or the right signature")
    return passed("" if is_refused(answer) else "the forgery was not refused, see the checks before")


declare(GROUP, "advised", (
    (29, "json-spacing", "json-spacing", "Other spacing on the wire", "indented JSON, signed as JSON.stringify",
     STRINGIFY, "If the raw bytes do not match, verify JSON.stringify(JSON.parse(body)) as well."),
    (30, "unicode-escapes", "unicode-escapes", "\\u escapes on the wire", "escaped letters, signed as JSON.stringify",
     STRINGIFY, "As 29; in Python json.dumps(…, ensure_ascii=False, separators=(',', ':')); in PHP "
                "JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES."),
))  # fmt: skip


@check(31, "previous-secret", GROUP, "The previous secret still holds", sends="signed with the previous secret",
       expected="2xx within 10 seconds", why="While a secret is changed, both are in use.",
       fix="Verify with each of the secrets that are valid.", needs="previous-secret")  # fmt: skip
def previous_secret(probe: Probe) -> Verdict:
    return accepted(probe, probe.troubled("previous-secret"))
