import time

from mock_sender.clock import VirtualClock, WallClock


def test_a_day_on_the_virtual_clock_takes_no_time():
    clock, began = VirtualClock(now=100.0), time.monotonic()

    clock.sleep(24 * 3600)

    assert clock.now() == 100.0 + 24 * 3600
    assert time.monotonic() - began < 1


def test_no_clock_goes_back_where_a_wait_is_over_already():
    virtual, wall = VirtualClock(now=100.0), WallClock()
    before = wall.now()

    virtual.sleep(-5)
    wall.sleep(-5)

    assert (virtual.now(), before <= wall.now() < before + 1) == (100.0, True)
