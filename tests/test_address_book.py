"""The short form of the calls of a practice whose CRM is full already."""

import pytest

from benchmarks.address_book import CRMS, Size, measure, number, spelled
from receiver.toolkit import same_phone

SIZE = Size(people=300, patients=12, strangers=8)


@pytest.mark.parametrize("crm", CRMS)
def test_a_practice_gets_a_contact_for_each_stranger_and_none_for_its_patients(crm):
    found = measure(crm, SIZE)

    assert found.is_right(SIZE), found
    assert (found.people_before, found.calls, found.runs) == (300, 40, 320)


def test_each_number_is_spelled_in_a_way_that_says_it():
    assert [n for n in range(60) if not same_phone(spelled(n), number(n))] == []
    assert len({len(spelled(n)) for n in range(60)}) > 4
