"""Genuine deliveries, as they are and as the wire may bring them."""

from __future__ import annotations

from ...answers import ANSWER_BYTES
from ..judging import accepted, all_accepted, came, is_accepted
from ..probe import Probe
from ..table import check
from ..verdict import Verdict, failed, skipped
from .plain import declare

GROUP, IN_TIME = "acceptance", "2xx within 10 seconds"
PROXIES = "Header names have no case in HTTP, and proxies write them anew."


def event(number: int, name: str) -> None:
    @check(number, name.replace(".", "-"), GROUP, f"A genuine {name} is accepted", sends=f"{name} as documented",
           expected=IN_TIME, why=f'The documentation lists "{name}"; ten failures in a row disable the webhook.',
           fix="Verify the HMAC of `<timestamp>.<raw body>`, and answer 200 to every event, also one you do not use. "
               "In Express: express.raw(), not express.json(), on this route.")  # fmt: skip
    def _(probe: Probe) -> Verdict:
        return accepted(probe, probe.genuine(name))


for number, name in enumerate(("call.completed", "call.transferred", "appointment.booked", "lead.created"), 1):
    event(number, name)


@check(5, "exact-2xx", GROUP, "The address itself answers 2xx, not a redirect", sends="a genuine call.completed",
       expected="a status from 200 to 299, no 3xx",
       why="A POST that is redirected usually loses its body, and whether a redirect is followed is not documented.",
       fix="Give the final address: https, with or without the slash at the end as the framework wants it, outside "
           "of the login. In Flask: strict_slashes=False.")  # fmt: skip
def exact_2xx(probe: Probe) -> Verdict:
    return accepted(probe, probe.genuine())


@check(6, "answer-ends", GROUP, "The answer is complete and short", sends="a genuine call.completed",
       expected="status, headers and the whole body within 10 seconds; the body under 64 KiB",
       why='Documented: a delivery times out after 10 seconds. The whole answer has to be there by then.',
       fix="Answer with a short body whose Content-Length is right, and end it. In PHP: no echo after "
           "fastcgi_finish_request.")  # fmt: skip
def answer_ends(probe: Probe) -> Verdict:
    answer = probe.send(probe.genuine())
    if not probe.mark(answer, is_accepted(answer)):
        return failed(came(answer))
    return all_accepted(probe, [answer]) if short(probe, answer.body) else failed("the body is 64 KiB or more")


def short(probe: Probe, body: str) -> bool:
    return probe.mark(probe.seen[-1].answer, len(body.encode()) < ANSWER_BYTES)


declare(GROUP, "accepted", (
    (7, "lower-case-headers", "lower-case-headers", "Header names in lower case", "x-inboundflow-signature and so on",
     PROXIES, "Look headers up without regard to case; in PHP: $_SERVER['HTTP_X_INBOUNDFLOW_SIGNATURE']."),
    (8, "mixed-case-headers", "mixed-case-headers", "Header names in odd case", "xX-InBoUnDfLoW and so on",
     PROXIES, "Look headers up without regard to case; in Node: req.headers['x-inboundflow-signature']."),
    (9, "chunked", "chunked", "A body in chunks", "Transfer-Encoding: chunked, without Content-Length",
     "A proxy may pass the body on in chunks.", "Read the body to its end, do not rely on Content-Length."),
    (10, "byte-by-byte", "slow", "A body that arrives in small pieces", "a body in 20 pieces over 2 seconds",
     "Networks deliver in pieces.", "Read until the body is complete before you verify it."),
))  # fmt: skip


@check(11, "keep-alive", GROUP, "Two deliveries on one connection", sends="a second delivery after the first answer",
       expected="2xx to both; a connection closed after the first answer is not counted",
       why="Senders use a connection again; what is kept of the first request must not judge the second.",
       fix="Keep nothing of a request in the connection; send the right Content-Length.")  # fmt: skip
def keep_alive(probe: Probe) -> Verdict:
    return both(probe, pipelined=False)


@check(12, "pipelined", GROUP, "Two deliveries written at once", sends="two deliveries, the second not waiting",
       expected="2xx to both; anything else is a warning; a connection closed after the first answer is not counted",
       why="What was read beyond the first request is the second one. Few senders write ahead, and whether InboundFlow "
           "does is not documented.",
       fix="Leave the reading to a real HTTP server, and do not drop its buffer.", is_advice=True)  # fmt: skip
def pipelined(probe: Probe) -> Verdict:
    return both(probe, pipelined=True)


def both(probe: Probe, *, pipelined: bool) -> Verdict:
    answers = probe.on_one_connection([probe.genuine(), probe.genuine("lead.created")], pipelined=pipelined)
    if is_accepted(answers[0]) and answers[1].status is None and not answers[1].timed_out:
        return skipped("the receiver closes the connection after each answer")
    return all_accepted(probe, answers)
