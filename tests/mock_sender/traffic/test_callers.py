from collections import Counter, defaultdict
from itertools import pairwise

from tests.mock_sender.traffic.days import SEEDS, every_business, of, played


@every_business
def test_some_withhold_their_number_and_some_call_twice(business):
    days = [of("call.completed", played(business, seed=seed)) for seed in SEEDS]
    phones = [Counter(data["caller_phone"] for data in one) for one in days]

    withheld = sum(one[""] for one in phones)
    again = [phone for one in phones for phone, times in one.items() if phone and times > 1]

    assert 0 < withheld < 0.15 * sum(map(len, days))
    assert len(again) > len(SEEDS) / 2


@every_business
def test_who_calls_again_is_the_same_person_after_the_first_call_and_no_second_lead(business):
    for seed in SEEDS:
        bodies = played(business, calls=200, seed=seed)
        calls = defaultdict(list)
        for data in sorted(of("call.completed", bodies), key=lambda data: data["started_at"]):
            calls[data["caller_phone"]].append(data)
        del calls[""]

        for of_one in calls.values():
            assert len({data["caller_name"] for data in of_one} - {""}) <= 1
            assert all(one["ended_at"] < two["started_at"] for one, two in pairwise(of_one))
        leads = Counter(data["caller_phone"] for data in of("lead.created", bodies))
        assert max(times for phone, times in leads.items() if phone) == 1
