from mock_sender import traffic
from mock_sender.traffic import BUSINESSES
from tests.mock_sender.traffic.days import SATURDAY, SUNDAY, TUESDAY, every_business, of, played


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
