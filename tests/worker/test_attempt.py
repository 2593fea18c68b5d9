import pytest

from receiver.errors import GiveUp, LeaseLost, Pause, RetryLater
from receiver.events import Delivery
from receiver.inbox import Claim, Verdict
from receiver.inbox.states import FAILURES
from receiver.worker.attempt import BACKOFF_S, COOLDOWN_S, DETAIL_CHARS, JITTER, attempt

DELIVERY = Delivery(key="d-1", body=b"{}", received_us=1)


def attempted(outcome, failures=0):
    """The verdict on an attempt whose handler returns `outcome`, or raises it."""

    def call():
        if isinstance(outcome, Exception):
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
