from dataclasses import replace

from tests.mock_sender.trouble.plans import the_request


def test_another_seed_alters_another_byte():
    bodies = {the_request("altered-body", seed=seed).body for seed in range(8)}

    assert len(bodies) > 4


def test_a_cut_delivery_never_arrives_whole():
    whole = len(the_request().raw())

    cuts = {the_request("cut", seed=seed).cut_at for seed in range(20)}

    assert len(cuts) > 10
    assert all(0 < at < whole for at in cuts)
    assert replace(the_request("cut"), cut_at=None) == the_request()
