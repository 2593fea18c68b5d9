"""Several businesses on one receiver: what is kept of each, and what of the others it can reach."""

import json
import os
from contextlib import suppress

import pytest

from receiver import registry, settings
from receiver.errors import ConfigurationError, NotFound, OperationError
from receiver.inbox import next_expiry_us
from receiver.operations import (
    Routing,
    add_source,
    all_sources,
    apply_source,
    businesses,
    change_settings,
    disable_source,
    make_key,
    remove_source,
    rotate_secret,
    seal_anew,
)
from tests.support.reads import Watched

KEY = "a key for sealing, long enough"
SLACK = {"SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T/B/c0ffee"}


@pytest.fixture(scope="module")
def handlers():
    return registry.load("handlers")


@pytest.fixture
def own(env):
    return settings.read(env | {"SECRET_KEY": KEY})


@pytest.fixture
def routing(own, handlers):
    return Routing(own, handlers, {})


def on(db, routing):
    return sorted(f"{a.source}/{a.handler.name}" for a in routing.activations(db) if a.state == "on")


def test_a_source_has_its_own_secret_and_destinations(db, own, routing):
    first = add_source(db, routing, "acme", variables=SLACK)
    second = add_source(db, routing, "bolt", secret="b" * 20, variables={"BUSINESS_LANGUAGE": "es"})

    sources = all_sources(db, own)

    assert {name: source.secrets for name, source in sources.items()} == {
        "acme": (first.encode(),),
        "bolt": (b"b" * 20,),
    }
    assert (sources["bolt"].language, second) == ("es", "b" * 20)
    assert on(db, routing) == ["/console.show", "acme/slack.post", "bolt/console.show"]


def test_nothing_of_a_source_is_readable_in_the_database(db, routing, env):
    secret = add_source(db, routing, "acme", variables=SLACK)

    rows = [
        *db.read("SELECT settings AS text FROM sources"),
        *db.read("SELECT secret AS text FROM source_secrets"),
        *db.read("SELECT detail AS text FROM audit"),
    ]

    text = json.dumps([row["text"] for row in rows])
    assert (len(rows), secret in text, "c0ffee" in text) == (3, False, False)
    with pytest.raises(ConfigurationError, match="SECRET_KEY"):
        all_sources(db, settings.read(env | {"SECRET_KEY": "another key, as long as that"}))


@pytest.mark.parametrize("name", ["", "Acme", "a/b", "-a", "a" * 64, "probe", "ñ", "a b"])
def test_a_name_is_part_of_an_address(db, routing, name):
    with pytest.raises(OperationError, match="cannot be a source's name"):
        add_source(db, routing, name)


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"FORWARD_ALLOW_HOSTS": "127.0.0.1:22"}, "for no source"),
        ({"GOOGLE_APPLICATION_CREDENTIALS": "/etc/passwd"}, "for no source"),
        ({"SLACK_API_URL": "http://127.0.0.1/"}, "for no source"),
        ({"SALESFORCE_INSTANCE_URL": "http://127.0.0.1:6379"}, "SALESFORCE_INSTANCE_URL leads to a private address"),
        ({"FORWARD_URL": "https://a.example https://169.254.169.254/"}, "FORWARD_URL leads to a private address"),
        ({"FORWARD_URL": "https://0x7f.1/"}, "leads to a private address"),
        ({"FORWARD_URL": "https://LOCALHOST./"}, "leads to a private address"),
        ({"DATABASE_URL": "postgres://x"}, "Nothing reads DATABASE_URL"),
        ({"SLACK_TOKEN": "xoxb-1"}, "Is SLACK_BOT_TOKEN meant"),
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, "SLACK_CHANNEL"),
        ({"SLACK_WEBHOOK_URL": SLACK["SLACK_WEBHOOK_URL"], "SLACK_EVENTS": "nonsense"}, "SLACK_EVENTS"),
        ({"INBOUNDFLOW_TIMESTAMP_TOLERANCE_SECONDS": "soon"}, "whole number"),
    ],
)
def test_settings_are_checked_when_they_are_made(db, own, routing, variables, says):
    with pytest.raises(OperationError, match=says):
        add_source(db, routing, "acme", variables=variables)
    assert businesses(db, own) == []


def test_a_private_address_is_taken_where_the_operator_allows_it(db, own, handlers):
    allowing = Routing(own, handlers, {"FORWARD_ALLOW_HOSTS": "10.0.0.7:8080"})

    add_source(db, allowing, "acme", variables={"FORWARD_URL": "http://10.0.0.7:8080/calls"})

    assert "acme/forward.forward" in on(db, allowing)


def test_the_variables_of_the_operator_hold_for_sources_and_no_others_do(db, own, handlers, routing):
    add_source(db, routing, "acme", variables=SLACK)
    env = {"SLACK_API_URL": "http://127.0.0.1:1/", "HUBSPOT_ACCESS_TOKEN": "of the operator's own business"}

    operators = Routing(own, handlers, env)
    activations = operators.activations(db)

    assert on(db, operators) == ["/hubspot.keep_contact", "acme/slack.post"]
    [slack] = [a for a in activations if (a.source, a.handler.name) == ("acme", "slack.post")]
    assert slack.targets[""]["SLACK_API_URL"] == "http://127.0.0.1:1/"


def test_a_secret_is_rotated_with_an_overlap(db, own, routing):
    first = add_source(db, routing, "acme")

    second = rotate_secret(db, own, "acme", overlap_s=3600)
    assert all_sources(db, own)["acme"].secrets == (second.encode(), first.encode())

    third = rotate_secret(db, own, "acme", overlap_s=0)
    assert all_sources(db, own)["acme"].secrets == (third.encode(),)


def test_it_is_known_when_a_secret_ceases_to_count(db, own, routing):
    add_source(db, routing, "acme")
    first = next_expiry_us(db)

    rotate_secret(db, own, "acme", overlap_s=3600)

    assert first is None
    assert 0 < next_expiry_us(db) - db.now_us() <= 3600_000_000


def test_one_handler_is_activated_without_the_others_unless_it_depends_on_them(db, routing):
    for name in ("acme", "bakery"):
        add_source(db, routing, name, variables=SLACK)

    def on_alone(name):
        return [each for each in on(db, routing.only(name)) if each.endswith(f"/{name}")]

    assert on_alone("slack.post") == ["acme/slack.post", "bakery/slack.post"]
    assert on_alone("console.show") == ["/console.show"]


def test_sources_are_read_in_as_many_statements_however_many_there_are(db, own, routing):
    asked = {}
    for number in (1, 20):
        for n in range(number):
            with suppress(OperationError):
                add_source(db, routing, f"b{n}", variables=SLACK)
        asked[number] = []
        watched = Watched(db, asked[number])
        routing.activations(watched)
        all_sources(watched, own)

    assert len(asked[1]) == len(asked[20])


def test_a_disabled_source_is_unknown_and_can_be_removed(db, own, routing):
    add_source(db, routing, "acme", variables=SLACK)
    with pytest.raises(OperationError, match="disable acme first"):
        remove_source(db, "acme")

    disable_source(db, "acme", disabled=True)
    assert (all_sources(db, own), on(db, routing)) == ({}, ["/console.show"])
    disable_source(db, "acme", disabled=False)
    assert list(all_sources(db, own)) == ["acme"]

    disable_source(db, "acme", disabled=True)
    assert remove_source(db, "acme") == 0
    with pytest.raises(NotFound, match="There is none yet"):
        rotate_secret(db, own, "acme")


def test_settings_change_one_by_one(db, own, routing):
    add_source(db, routing, "acme", variables=SLACK)

    change_settings(db, routing, "acme", {"BUSINESS_LANGUAGE": "es", "SLACK_WEBHOOK_URL": ""})

    assert businesses(db, own)[0].settings == {"BUSINESS_LANGUAGE": "es"}


def test_a_file_says_what_is_wanted_and_changes_only_that(db, own, routing):
    wanted = SLACK | {"secret": "s" * 20}

    said = [apply_source(db, routing, "acme", wanted, dry_run=dry) for dry in (True, False, False)]
    changed = apply_source(db, routing, "acme", {"secret": "t" * 20, "BUSINESS_LANGUAGE": "es"}, dry_run=False)

    assert said == ["acme: added", "acme: added", "acme: as it is"]
    assert changed == "acme: BUSINESS_LANGUAGE, SLACK_WEBHOOK_URL, its secret changed"
    assert all_sources(db, own)["acme"].secrets == (b"t" * 20, b"s" * 20)


def test_everything_is_sealed_anew_with_another_key(db, routing, env):
    add_source(db, routing, "acme", secret="s" * 20, variables=SLACK)
    both = settings.read(env | {"SECRET_KEY": "another key, as long as that", "SECRET_KEY_PREVIOUS": KEY})

    assert seal_anew(db, both) == 1

    alone = settings.read(env | {"SECRET_KEY": "another key, as long as that"})
    assert all_sources(db, alone)["acme"].secrets == (b"s" * 20,)
    assert businesses(db, alone)[0].settings == SLACK


def test_ones_own_machine_makes_a_key_that_is_its_owners_alone(tmp_path):
    own = settings.read({"DATA_DIR": str(tmp_path)})

    assert make_key(own) == own.secret_key_path
    assert make_key(own) is None
    assert os.stat(own.secret_key_path).st_mode & 0o077 == 0
    assert make_key(settings.read({"DATA_DIR": str(tmp_path / "x"), "DATABASE_URL": "postgres://h/d"})) is None
