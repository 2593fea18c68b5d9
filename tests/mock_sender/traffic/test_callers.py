import random
import re
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from mock_sender.traffic import BUSINESSES
from mock_sender.traffic.callers import Caller, Callers
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


AT = datetime(2026, 2, 24, 9, 0, tzinfo=UTC)


def test_each_new_caller_has_a_number_kept_for_fiction_and_a_language_of_the_business():
    business = BUSINESSES["law"]
    callers = Callers(random.Random(1), business, 500)

    people = [callers.new() for _ in range(500)]

    numbers = [caller.phone for caller in people if caller.phone]
    assert len(set(numbers)) == len(numbers) > 400
    assert [number for number in numbers if not re.fullmatch(r"\+1[2-9]\d\d55501\d\d", number)] == []
    assert {caller.language for caller in people} == set(business.languages)
    assert {caller.email == "" for caller in people} == {True, False}


def test_nobody_calls_again_before_they_hung_up_and_then_some_do():
    callers, ended = Callers(random.Random(1), BUSINESSES["law"], 500), AT + timedelta(minutes=5)
    callers.remember(callers.new(), ended)

    during = [callers.next(AT)[1] for _ in range(200)]
    after = [callers.next(ended + timedelta(seconds=1))[1] for _ in range(200)]

    assert during == [True] * 200
    assert 0 < after.count(False) < 50


def test_who_withholds_their_number_is_not_recognised():
    callers = Callers(random.Random(1), BUSINESSES["law"], 300)
    callers.remember(Caller(name="Ada", email="", phone="", language="en"), AT)

    assert all(first for _, first in (callers.next(AT + timedelta(hours=1)) for _ in range(200)))
