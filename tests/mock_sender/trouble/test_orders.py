from tests.mock_sender.trouble.plans import a_plan


def shape(*names, number=4):
    return [[one.body for one in each.requests] for each in a_plan(*names, number=number).rounds]


def test_each_trouble_of_the_order_is_what_it_says():
    a, b, c, d = (one[0] for one in shape())

    assert shape("duplicate", number=2) == [[a], [a], [b], [b]]
    assert shape("duplicate-at-once", number=1) == [[a] * 10]
    assert sorted(shape("reordered")) == sorted([[a], [b], [c], [d]])
    assert shape("reordered") != [[a], [b], [c], [d]]
    assert shape("replayed")[:4] == [[a], [b], [c], [d]]
    assert len(shape("replayed")) > 4
    assert shape("together") == [[a, b, c, d]]
    assert a_plan("pipelined").rounds[0].one_connection
    assert all(0 <= one.after_s <= 3 for one in a_plan("delayed", number=4).rounds)
