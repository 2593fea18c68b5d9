from mock_sender import conformance
from mock_sender.conformance.table import GROUPS, TABLE

NUMBERS = [*range(1, 13), *range(20, 32), *range(40, 47), *range(50, 59), *range(60, 73), *range(80, 90),
           *range(90, 94), *range(95, 98)]  # fmt: skip


def test_every_number_of_the_plan_is_declared():
    assert sorted(conformance.TABLE) == NUMBERS


def test_every_check_is_of_a_group_and_has_a_name_of_its_own():
    assert {check.group for check in TABLE.values()} == set(GROUPS)
    assert len({check.slug for check in TABLE.values()}) == len(TABLE)
    assert {check.needs for check in TABLE.values()} == {"", "effects", "previous-secret"}


def test_every_check_says_what_it_sends_expects_and_how_to_fix_it():
    texts = [
        (check.number, text) for check in TABLE.values() for text in (check.sends, check.expected, check.why, check.fix)
    ]

    assert [(number, text) for number, text in texts if len(text) < 3] == []
