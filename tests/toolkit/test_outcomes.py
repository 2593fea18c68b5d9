import pytest

from receiver.errors import GiveUp, Pause, RetryLater
from receiver.toolkit import check_status, refusal, retry_after_s

MEANINGS = [
    # status  headers                   is          delay_s  cooldown
    (401,     {},                       Pause,      None,    None),
    (410,     {},                       Pause,      None,    None),
    (404,     {},                       GiveUp,     None,    None),
    (302,     {},                       GiveUp,     None,    None),
    (408,     {},                       RetryLater, None,    False),
    (429,     {},                       RetryLater, 30,      False),
    (429,     {"retry-after": "7"},     RetryLater, 7,       True),
    (503,     {"retry-after": "7"},     RetryLater, 7,       True),
    (500,     {},                       RetryLater, None,    False),
]  # fmt: skip


@pytest.mark.parametrize(("status", "headers", "kind", "delay_s", "cooldown"), MEANINGS)
def test_a_status_decides_what_is_raised(status, headers, kind, delay_s, cooldown):
    error = refusal(status, headers, what="Acme")

    assert (type(error), str(error).startswith(f"Acme answered {status}")) == (kind, True)
    assert (getattr(error, "delay_s", None), getattr(error, "cooldown", None)) == (delay_s, cooldown)
    assert error.failure == f"refused-{status}"
    with pytest.raises(kind):
        check_status(status, headers)


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_a_success_raises_nothing(status):
    check_status(status, {})


WAITS = [("5", 5), ("0", 1), ("99999999999", 3600), ("Thu, 01 Jan 1970 00:00:00 GMT", 1), ("soon", None), ("", None)]


@pytest.mark.parametrize(("value", "seconds"), WAITS)
def test_a_wait_is_between_a_second_and_an_hour(value, seconds):
    assert retry_after_s({"Retry-After": value}) == seconds
    assert retry_after_s({"RETRY-AFTER": value}) == seconds
