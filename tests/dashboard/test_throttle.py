from receiver.dashboard import throttle
from receiver.dashboard.throttle import Throttle


def test_failures_of_an_address_and_of_all_are_limited(monkeypatch):
    now = [1_800_000_000.0]
    monkeypatch.setattr("time.time", lambda: now[0])
    counter = Throttle()

    def fail(address, times):
        for _ in range(times):
            counter.failed(address)
        return counter.wait_s(address)

    assert (fail("203.0.113.7", 4), fail("203.0.113.7", 1)) == (0, 901)
    assert counter.wait_s("203.0.113.8") == 0
    now[0] += 901
    assert counter.wait_s("203.0.113.7") == 0
    for n in range(95):
        counter.failed(f"198.51.100.{n}")
    assert counter.wait_s("192.0.2.1") > 2000  # all together


def test_twenty_failures_a_day_are_all_that_an_address_has(monkeypatch):
    now = [1_800_000_000.0]
    monkeypatch.setattr("time.time", lambda: now[0])
    counter = Throttle()
    for _ in range(20):
        now[0] += 1000
        counter.failed("203.0.113.7")

    assert counter.wait_s("203.0.113.7") > 3600


def test_a_household_of_ipv6_is_one_address():
    assert throttle.network("2001:db8::1") == throttle.network("2001:db8::ffff:2")
    assert throttle.network("2001:db8:0:1::1") != throttle.network("2001:db8::1")
