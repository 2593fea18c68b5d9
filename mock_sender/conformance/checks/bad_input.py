"""Malformed requests, which anybody can send and which must do no harm."""

from __future__ import annotations

from dataclasses import replace

from ...wire import Request
from ..judging import came, genuine_follows, is_accepted, is_alive, refused, survives
from ..probe import Probe
from ..table import check
from ..verdict import Verdict, failed
from .plain import declare

GROUP = "bad-input"
ALIVE = "any complete answer below 500, or a closed connection; a genuine delivery right after it gets 2xx"
CRASH = "What crashes the receiver once can be sent again by anybody."
NESTED, HUGE_BYTES, HEADERS, HEADER_BYTES, FORGED = 100_000, 20 * 1024 * 1024, 200, 64 * 1024, 30
BEFORE_THE_CUT_S = 0.5  # so that the receiver is reading by then, and holds what it holds while it reads


@check(80, "get", GROUP, "GET does no harm", sends="GET, as a browser does", expected="any answer below 500",
       why="People open the address in a browser to see whether it is there.",
       fix="Answer 405, or 404.")  # fmt: skip
def get(probe: Probe) -> Verdict:
    return survives(probe, Request(url=probe.url, method="GET", headers=(("User-Agent", "conformance"),)))


declare(GROUP, "survives", (
    (81, "empty-body", "empty", "An empty body", "no bytes, rightly signed", CRASH, "Expect that parsing fails."),
    (82, "not-json", "not-json", "No JSON", "a text that is no JSON, rightly signed", CRASH,
     "Catch the parser's error."),
    (83, "not-utf8", "not-utf8", "No UTF-8", "bytes that are no text, rightly signed", CRASH,
     "Verify bytes, not text; catch the error of decoding."),
    (88, "gzip", "gzip", "A compressed body", "Content-Encoding: gzip, signed over the compressed bytes", CRASH,
     "Answer 415, or unpack it, with a limit."),
))  # fmt: skip


def unsigned(probe: Probe, body: bytes) -> Request:
    return replace(probe.troubled("no-signature"), body=body)


@check(84, "deep-nesting", GROUP, "Deep nesting is refused", sends="100,000 brackets, unsigned",
       expected="a complete 4xx answer", why=CRASH, fix="Verify before you parse.")  # fmt: skip
def deep_nesting(probe: Probe) -> Verdict:
    return refused(probe, unsigned(probe, b"[" * NESTED))


@check(85, "huge-body", GROUP, "A huge body is not taken", sends="20 MiB, unsigned",
       expected="4xx, or a closed connection; a genuine delivery right after it gets 2xx",
       why="Memory is finite.", fix="Limit the body to about 1 MB: 413. In Flask: MAX_CONTENT_LENGTH.")  # fmt: skip
def huge_body(probe: Probe) -> Verdict:
    answer = probe.send(unsigned(probe, b" " * HUGE_BYTES))
    if not probe.mark(answer, is_alive(answer) and not is_accepted(answer)):
        return failed(came(answer))
    return genuine_follows(probe)


@check(86, "header-flood", GROUP, "Many and long headers do no harm", sends="200 headers; then one of 64 KiB",
       expected=ALIVE, why=CRASH, fix="Leave it to the web server: 431 or 400.")  # fmt: skip
def header_flood(probe: Probe) -> Verdict:
    many, long = probe.genuine(), probe.genuine()
    return survives(
        probe,
        replace(many, headers=(*many.headers, *((f"X-Flood-{n}", "x") for n in range(HEADERS)))),
        replace(long, headers=(*long.headers, ("X-Flood", "x" * HEADER_BYTES))),
    )


@check(87, "cut-short", GROUP, "A connection that is cut", sends="half a body, then nothing",
       expected="the next genuine delivery gets 2xx",
       why="Networks fail; one who waits for the rest must not keep others waiting.",
       fix="More than one worker, a time-out for reading, no lock while reading.")  # fmt: skip
def cut_short(probe: Probe) -> Verdict:
    request = probe.genuine()
    half = len(request.raw()) - len(request.body) // 2
    probe.send(replace(request, cut_at=half, pause_s=BEFORE_THE_CUT_S))
    return genuine_follows(probe)


@check(89, "forged-flood", GROUP, "A forger locks nobody out", sends="30 forged deliveries in a row",
       expected="the genuine delivery after them gets 2xx",
       why="Behind a proxy or a cloud, a forger and InboundFlow may share an address.",
       fix="Refuse each forgery by itself; do not bar addresses.")  # fmt: skip
def forged_flood(probe: Probe) -> Verdict:
    for _ in range(FORGED):
        answer = probe.send(probe.troubled("wrong-signature"))
        probe.mark(answer, True)
    return genuine_follows(probe)
