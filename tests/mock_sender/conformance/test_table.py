from mock_sender import conformance

NUMBERS = [*range(1, 13), *range(20, 32), *range(40, 47), *range(50, 59), *range(60, 73), *range(80, 90),
           *range(90, 94), *range(95, 98)]  # fmt: skip


def test_every_number_of_the_plan_is_declared():
    assert sorted(conformance.TABLE) == NUMBERS
