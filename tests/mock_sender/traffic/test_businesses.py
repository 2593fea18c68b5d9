import pytest

from mock_sender import traffic
from mock_sender.traffic import BUSINESSES
from tests.mock_sender.traffic.days import CLOCKS_GO_BACK, SATURDAY, SUNDAY, TUESDAY, every_business, of, played


@every_business
def test_a_day_has_the_calls_the_business_is_used_to(business):
    open_day, closed_day = (len(of("call.completed", played(business, on))) for on in (TUESDAY, SUNDAY))

    assert open_day == business.calls_a_day
    assert 0 < closed_day <= open_day / 5


@every_business
def test_a_business_is_one_organization_on_every_day(business):
    found = {body["organization_id"] for on in (TUESDAY, SATURDAY, SUNDAY) for body in played(business, on)}

    others = {played(other)[0]["organization_id"] for other in BUSINESSES.values()}

    assert len(found) == 1
    assert len(others) == 3
    assert found != {played(business, seed=2)[0]["organization_id"]}


def test_a_name_is_all_it_takes_to_find_a_business():
    assert {name: business.name for name, business in traffic.BUSINESSES.items()} == {
        "dental": "dental",
        "law": "law",
        "garage": "garage",
    }


OPEN = [
    # day       hour     open
    (TUESDAY,   7.99,    False),
    (TUESDAY,   8,       True),
    (TUESDAY,   17.99,   True),
    (TUESDAY,   18,      False),
    (SATURDAY,  9,       True),
    (SATURDAY,  13,      False),
    (SUNDAY,    12,      False),
]  # fmt: skip


@pytest.mark.parametrize(("day", "hour", "is_open"), OPEN)
def test_the_practice_is_open_from_the_first_hour_to_before_the_last(day, hour, is_open):
    assert BUSINESSES["dental"].is_open(day, hour) is is_open


def test_a_second_of_a_day_is_by_the_local_wall_clock():
    moments = [BUSINESSES["garage"].moment(day, 9 * 3600 + 61).isoformat() for day in (TUESDAY, CLOCKS_GO_BACK)]

    assert moments == ["2026-02-24T09:01:01-06:00", "2026-11-01T09:01:01-06:00"]


@every_business
def test_every_language_of_a_business_has_matters_and_there_are_a_hundred_callers(business):
    assert set(business.languages) == set(business.matters)
    assert sum(business.languages.values()) == 100
