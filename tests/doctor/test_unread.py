"""Businesses whose settings nothing reads any more."""

import pytest

from receiver import settings
from receiver.doctor.unread import check_unread
from receiver.operations import Routing, add_source
from receiver.registry import activate
from tests.support.handlers import a_handler

KEY = {"SECRET_KEY": "a key for the secrets of businesses"}
DENTALIS = {"DENTALIS_URL": "https://dentalis.example", "DENTALIS_TOKEN": "t0ken"}


@pytest.fixture
def handlers():
    return {handler.name: handler for handler in (
        a_handler(name="dentalis.keep", optional=dict.fromkeys(DENTALIS, "")),
        a_handler(name="slack.post", optional={"SLACK_WEBHOOK_URL": ""}),
    )}  # fmt: skip


def told(db, env, handlers):
    found = check_unread(db, settings.read(env | KEY), activate(handlers, env))
    return [(one.severity, one.message, one.source) for one in found]


def test_a_plug_in_that_is_gone_is_told_by_the_variables_that_it_read(db, env, handlers):
    routing = Routing(settings.read(env | KEY), handlers, env)
    for name in ("clinic-a", "clinic-b"):
        add_source(db, routing, name, variables=DENTALIS | {"BUSINESS_LANGUAGE": "es"})
    assert told(db, env, handlers) == []

    del handlers["dentalis.keep"]

    assert told(db, env, handlers) == [
        ("problem", "DENTALIS_TOKEN, DENTALIS_URL of clinic-a and 1 more: nothing reads that", "")
    ]


def test_of_one_business_it_is_told_as_its_own(db, env, handlers):
    add_source(db, Routing(settings.read(env | KEY), handlers, env), "clinic-a", variables=DENTALIS)
    del handlers["dentalis.keep"]

    [(_, _, source)] = told(db, env, handlers)

    assert source == "clinic-a"
