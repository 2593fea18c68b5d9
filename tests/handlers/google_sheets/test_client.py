import json

import pytest

from handlers.google_sheets.account import GOOGLE
from handlers.google_sheets.client import APART_S, AT_ONCE, Meter, sign_in
from receiver import registry
from tests.handlers.google_sheets.rows import ends_as


def test_however_much_there_is_to_do_no_minute_sees_more_than_sixty_requests():
    clock, seen = [0.0], []
    meter = Meter(now=lambda: clock[0], sleep=lambda s: clock.__setitem__(0, clock[0] + s))

    for _ in range(300):
        meter.wait()
        seen.append(clock[0])

    assert max(sum(1 for t in seen if start <= t < start + 60) for start in seen) <= 60
    assert seen[-1] < 350


def test_an_expired_token_is_renewed_without_a_second_row(world):
    ends_as(world)
    world.fail("sheets", status=401, path="append")

    assert ends_as(world, key="d-2") == "Calls, row of d-2"
    assert len(world.sheets.rows("Calls")) == 2


def test_a_private_key_that_was_cut_is_misconfigured(world, env):
    info = json.loads(env["GOOGLE_SERVICE_ACCOUNT_JSON"])
    text = json.dumps(info | {"private_key": info["private_key"][:300]})

    activation = registry.load("handlers")["google_sheets.append_row"].activate(
        env | {"GOOGLE_SERVICE_ACCOUNT_JSON": text}
    )

    assert (activation.state, "private_key" in activation.why) == ("misconfigured", True)
    assert info["private_key"][40:80] not in activation.why


def test_some_requests_come_together_and_the_later_ones_apart():
    waits = []
    meter = Meter(now=lambda: 0.0, sleep=waits.append)

    for _ in range(AT_ONCE + 2):
        meter.wait()

    assert waits == [pytest.approx(APART_S), pytest.approx(2 * APART_S)]


def test_one_client_serves_the_process_and_another_address_gets_its_own(world):
    info = json.loads(world.env["GOOGLE_SERVICE_ACCOUNT_JSON"])

    client = sign_in(info, f"{world.url}/")

    assert sign_in(dict(info), f"{world.url}/") is client
    assert (client.base, sign_in(info, GOOGLE).base) == (world.url, GOOGLE)
