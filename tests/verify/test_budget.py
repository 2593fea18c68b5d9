from receiver.verify.budget import IN_HAND_BYTES, REFILL_BYTES_S, Budget


def test_a_budget_is_spent_and_refills_up_to_what_it_holds():
    clock = [0.0]
    budget = Budget(lambda: clock[0])

    budget.charge(IN_HAND_BYTES)
    spent = budget.allows(1)
    clock[0] += 1
    refilled = budget.allows(REFILL_BYTES_S), budget.allows(REFILL_BYTES_S + 1)
    clock[0] += 3600
    full = budget.allows(IN_HAND_BYTES), budget.allows(IN_HAND_BYTES + 1)

    assert (spent, refilled, full) == (False, (True, False), (True, False))
