"""The code in recipes/your-own-crm.md runs as it stands there."""

import itertools

import pytest

from receiver.events import Delivery
from receiver.registry import Earlier, Run
from tests.support.acme import TOKEN
from tests.support.acme import acme as played_acme
from tests.support.crm import a_call
from tests.support.pages import blocks, module
from tests.support.processes import CHECKOUT

PAGES = ("recipes/your-own-crm.md", "recipes/es/your-own-crm.md")


@pytest.fixture
def acme():
    with played_acme() as server:
        yield server


@pytest.fixture(params=PAGES)
def handler(request):
    [code] = blocks((CHECKOUT / request.param).read_text())
    with module("recipe.acme", code, request.param) as recipe:
        yield recipe.keep_caller


def test_the_handler_in_the_recipe_keeps_a_call_once_in_any_order(acme, handler):
    settings = {"ACME_URL": acme.url, "ACME_TOKEN": TOKEN, "FORWARD_ALLOW_HOSTS": acme.url.removeprefix("http://")}
    left = []
    for events in itertools.permutations(a_call()):
        acme.things.clear()
        done = []
        for event in [*events, *events]:
            earlier = [other for other in done if other.event is not event]
            run = Run(
                id=1, handler="acme.keep_caller", settings=settings, earlier=lambda earlier=earlier: earlier,
                delivery=Delivery(key=event.delivery_id, body=b"", received_us=1),
            )  # fmt: skip
            done.append(Earlier(event=event, outcome=handler(event, run)))
        left.append({path: dict(thing) for path, thing in acme.things.items()})

    assert [things for things in left if things != left[0]] == []
    assert sorted(path.split("/")[1] for path in left[0]) == ["bookings", "calls", "notes", "people"]
