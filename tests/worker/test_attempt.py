import asyncio
import math

import pytest

from receiver.errors import GiveUp, LeaseLost, Pause, RetryLater
from receiver.events import Delivery
from receiver.inbox import Claim, Verdict
from receiver.inbox.schedule import BACKOFF_S, JITTER
from receiver.inbox.states import FAILURES
from receiver.worker.attempt import (
    COOLDOWN_S,
    DETAIL_CHARS,
    FAILURE_CHARS,
    LONGEST_DELAY_S,
    attempt,
)
from receiver.worker.attempt import verdict as decide

DELIVERY = Delivery(key="d-1", body=b"{}", received_us=1)


def attempted(outcome, failures=0):
    """The verdict on an attempt whose handler returns `outcome`, or raises it."""

    def call():
        if isinstance(outcome, BaseException):
            raise outcome
        return [outcome]

    return attempt(call, [a_claim(failures)])[0]


def a_claim(failures=0):
    return Claim(id=1, attempt=failures + 1, failures=failures, delivery=DELIVERY)


VERDICTS = [
    # the handler                       the run and its attempt
    ("1700000000.1",                    Verdict(state="succeeded", result="succeeded", detail="1700000000.1")),
    ("x" * 10_000,                      Verdict(state="succeeded", result="succeeded", detail="x" * DETAIL_CHARS)),
    (GiveUp("no such channel"),         Verdict(state="dead", result="gave-up", detail="no such channel", failure="gave-up", failed=True)),
    (Pause("token revoked"),            Verdict(state="retrying", result="pause", detail="token revoked", failure="paused", pause=True)),
    (LeaseLost(),                       Verdict(state="retrying", result="lost", detail="another worker has the run", failure="lease-lost")),
]  # fmt: skip


@pytest.mark.parametrize(("outcome", "verdict"), VERDICTS)
def test_what_a_handler_does_decides_the_verdict(outcome, verdict):
    assert attempted(outcome) == verdict


@pytest.mark.parametrize(("tries", "state"), [(None, "retrying"), (4, "retrying"), (3, "dead"), (1, "dead")])
def test_what_is_worth_a_few_tries_is_a_dead_letter_after_them(tries, state):
    verdict = attempted(RetryLater("no such thing", delay_s=5, cooldown=True, tries=tries), failures=2)

    assert (verdict.state, verdict.failed, verdict.cooldown_us) == (state, True, 5_000_000 * (state != "dead"))


@pytest.mark.parametrize(("failed_with", "state"), [
    (("refused-503", "timeout"), "retrying"), (("private-address", "timeout", "private-address"), "dead"),
])  # fmt: skip
def test_where_a_failure_is_named_those_count_that_have_the_same(failed_with, state):
    error = RetryLater("a private address", failure="private-address", tries=3)

    assert decide(error, len(failed_with), failed_with).state == state


@pytest.mark.parametrize("tries", ["3", 2.5, math.nan, True])
def test_a_number_of_tries_that_is_none_is_left_out_of_account(tries):
    assert attempted(RetryLater("no such thing", tries=tries), failures=2).state == "retrying"


@pytest.mark.parametrize(("failures", "delay_s"), list(enumerate(BACKOFF_S)))
def test_failures_are_tried_again_on_the_schedule(failures, delay_s):
    delays = [attempted(RuntimeError(), failures).delay_us / 1e6 for _ in range(50)]

    assert all(delay_s * (1 - JITTER) <= delay <= delay_s * (1 + JITTER) for delay in delays)
    assert len(set(delays)) > 1


def test_after_the_last_of_the_schedule_it_is_a_dead_letter():
    assert attempted(RuntimeError(), len(BACKOFF_S)).state == "dead"


def test_a_destination_may_ask_for_more_time_than_the_schedule_gives_but_not_for_less():
    longer, shorter = attempted(RetryLater(delay_s=3600)), attempted(RetryLater(delay_s=0.1))

    assert longer.delay_us == 3_600_000_000
    assert shorter.delay_us >= BACKOFF_S[0] * (1 - JITTER) * 1e6


def test_an_unexpected_error_is_told_by_its_type_and_place_never_by_its_message():
    verdict = attempted(ValueError("could not call +15550100"))

    assert "ValueError at test_attempt.py:" in verdict.detail
    assert "5550100" not in verdict.detail


@pytest.mark.parametrize(
    ("outcome", "failure"),
    [
        (ValueError("+15550100"),                   "raised"),
        (RetryLater("busy"),                        "retry-later"),
        (RetryLater("busy", failure="refused-429"), "refused-429"),
        (Pause("revoked", failure="refused-401"),   "refused-401"),
        (GiveUp("too long", failure="refused-422"), "refused-422"),
        ("row 7",                                   ""),
    ],
)  # fmt: skip
def test_each_end_that_is_no_success_has_a_slug(outcome, failure):
    assert attempted(outcome).failure == failure
    assert attempted(outcome).failure.partition("-")[0] != "refused" or "refused-<status>" in FAILURES


def test_each_run_of_a_batch_has_its_own_end():
    verdicts = attempt(lambda: ["row 7", GiveUp("too long"), RetryLater("busy")], [a_claim()] * 3)

    assert [verdict.state for verdict in verdicts] == ["succeeded", "dead", "retrying"]


def test_what_a_batch_raises_is_for_all_of_its_runs():
    def call():
        raise GiveUp("no such sheet")

    assert [verdict.state for verdict in attempt(call, [a_claim()] * 3)] == ["dead"] * 3


def test_a_batch_that_returns_too_few_outcomes_is_tried_again_whole():
    verdicts = attempt(lambda: ["row 7"], [a_claim()] * 2)

    assert [(verdict.state, verdict.result) for verdict in verdicts] == [("retrying", "failed")] * 2


def test_a_destination_that_is_called_too_often_is_left_alone_by_all_runs():
    asked, unasked = attempted(RetryLater(delay_s=7, cooldown=True)), attempted(RetryLater(delay_s=7))

    assert (asked.cooldown_us, unasked.cooldown_us) == (7_000_000, 0)


def test_one_runs_long_wait_is_not_the_whole_targets():
    late = attempted(RetryLater(cooldown=True), failures=len(BACKOFF_S) - 1)

    assert (late.delay_us > 3_600_000_000, late.cooldown_us) == (True, COOLDOWN_S * 1_000_000)


class Unspeakable:
    def __init__(self, error=RuntimeError):
        self.error = error

    def __str__(self):
        raise self.error


class WithoutInit(RetryLater):
    def __init__(self):
        pass


class Silent(RetryLater):
    def __str__(self):
        raise RuntimeError


def generator():
    yield "row 7"


async def coroutine():
    return "row 7"


async def async_generator():
    yield "row 7"


ESCAPES = [
    SystemExit("x"), KeyboardInterrupt(), GeneratorExit(), asyncio.CancelledError(), BaseException(), RecursionError(),
    BaseExceptionGroup("", [SystemExit()]), Unspeakable(), Unspeakable(SystemExit), Silent(), WithoutInit(),
    GiveUp(Unspeakable()), RetryLater(failure=7), RetryLater(failure=["x"]),
    generator(), async_generator(),
]  # fmt: skip


@pytest.mark.parametrize("outcome", ESCAPES, ids=lambda outcome: type(outcome).__name__)
@pytest.mark.parametrize("how", ["raised", "returned"])
def test_whatever_else_comes_out_of_a_handler_is_a_failed_attempt_on_the_schedule(outcome, how):
    if how == "raised":
        verdict = attempted(outcome)
    else:
        [verdict] = attempt(lambda: [outcome], [a_claim()])

    assert (verdict.state, verdict.failed, verdict.pause) == ("retrying", True, False)
    assert BACKOFF_S[0] * (1 - JITTER) * 1e6 <= verdict.delay_us <= BACKOFF_S[0] * (1 + JITTER) * 1e6
    assert verdict.detail
    assert verdict.failure in ("raised", "retry-later")


def test_a_handler_that_is_a_coroutine_is_told_of_as_one_of_which_nothing_was_done():
    returned = coroutine()
    verdict = attempted(returned)
    returned.close()

    assert (verdict.state, verdict.failure) == ("retrying", "raised")
    assert verdict.detail == "the handler returned a coroutine, and nothing in it was done"


@pytest.mark.parametrize("delay_s", ["30", "", math.inf, -math.inf, math.nan, -7, -1e300, [5], b"5", 1j])
@pytest.mark.parametrize("cooldown", [True, False])
def test_a_delay_that_is_no_number_of_seconds_is_the_schedules(delay_s, cooldown):
    verdict = attempted(RetryLater("busy", delay_s=delay_s, cooldown=cooldown))

    assert (verdict.state, verdict.detail, verdict.failure) == ("retrying", "busy", "retry-later")
    assert BACKOFF_S[0] * (1 - JITTER) * 1e6 <= verdict.delay_us <= BACKOFF_S[0] * (1 + JITTER) * 1e6
    assert 0 <= verdict.cooldown_us <= verdict.delay_us


@pytest.mark.parametrize("delay_s", [1e300, 10**400, 1e15])
def test_a_delay_beyond_all_measure_is_a_time_that_both_databases_can_hold(delay_s):
    assert attempted(RetryLater("busy", delay_s=delay_s)).delay_us == LONGEST_DELAY_S * 1_000_000


@pytest.mark.parametrize(
    ("outcome", "detail"),
    [
        ("id \ud83d",              "id \ufffd"),
        ("id \x00.",              "id \ufffd."),
        (GiveUp("\udfff\x00"),     "\ufffd\ufffd"),
        (Pause("\x00"),           "\ufffd"),
        (RetryLater("\ud800"),    "\ufffd"),
        (None,                    "None"),
    ],
)  # fmt: skip
def test_what_is_kept_of_an_outcome_is_text_that_both_databases_take(outcome, detail):
    assert attempted(outcome).detail == detail


def test_a_slug_of_a_handlers_own_is_text_that_both_databases_take():
    assert attempted(GiveUp("no", failure="a\x00\ud800")).failure == "a\ufffd\ufffd"
    assert len(attempted(GiveUp("no", failure="a" * 9_000)).failure) == FAILURE_CHARS


def test_a_class_of_error_in_a_batch_is_what_raising_it_would_be():
    verdicts = attempt(lambda: [GiveUp, RetryLater, SystemExit, UnicodeDecodeError], [a_claim()] * 4)

    assert [verdict.result for verdict in verdicts] == ["gave-up", "retry", "failed", "failed"]
