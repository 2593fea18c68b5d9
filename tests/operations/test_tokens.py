"""Tokens for the API: shown once, kept as a digest, each of one source."""

import json

import pytest

from receiver import registry, settings
from receiver.errors import NotFound, OperationError
from receiver.operations import (
    Routing,
    add_source,
    add_token,
    disable_source,
    note_token_use,
    remove_source,
    remove_token,
    token_in,
    tokens,
)


@pytest.fixture
def with_acme(db, env):
    own = settings.read(env | {"SECRET_KEY": "a key for sealing, long enough"})
    add_source(db, Routing(own, registry.load("handlers"), {}), "acme")
    return db


def by_id(db):
    return {token.id: token for token in tokens(db)}


def test_a_token_is_found_by_what_was_shown_and_by_nothing_else(with_acme):
    text, other = add_token(with_acme, "Acme's warehouse", source="acme"), add_token(with_acme, "ours")

    known = by_id(with_acme)

    token = token_in(text, known)
    assert (token.source, token.name, token.used_us) == ("acme", "Acme's warehouse", None)
    assert token_in(other, known).source == ""
    swapped = f"ifr_{token.id}_{other.split('_', 2)[2]}"
    for wrong in ("", "ifr", text[:-1], text + "x", text.upper(), swapped, token.digest, "ifr__", "é"):
        assert token_in(wrong, known) is None, wrong


def test_nothing_of_a_token_but_its_digest_is_kept(with_acme):
    secret = add_token(with_acme, "ours").split("_", 2)[2]

    rows = [*with_acme.read("SELECT * FROM tokens"), *with_acme.read("SELECT * FROM audit")]

    text = json.dumps([dict(row) for row in rows])
    assert ("token-add" in text, secret in text, secret in repr(tokens(with_acme))) == (True, False, False)
    assert tokens(with_acme)[0].digest not in repr(tokens(with_acme))


def test_a_token_that_is_taken_back_is_gone(db):
    text = add_token(db, "ours")
    [token] = tokens(db)

    assert remove_token(db, token.id) == token
    assert token_in(text, by_id(db)) is None
    with pytest.raises(NotFound, match="receiver tokens list"):
        remove_token(db, token.id)


def test_a_token_goes_with_its_source(with_acme):
    add_token(with_acme, "theirs", source="acme")
    add_token(with_acme, "ours")

    disable_source(with_acme, "acme", disabled=True)
    assert [(token.name, token.disabled) for token in tokens(with_acme)] == [("ours", False), ("theirs", True)]
    remove_source(with_acme, "acme")
    assert [token.name for token in tokens(with_acme)] == ["ours"]


def test_when_each_was_last_used_is_noted(db):
    add_token(db, "ours")
    add_token(db, "theirs")
    first, second = tokens(db)

    note_token_use(db, {first.id: 7})

    assert {token.id: token.used_us for token in tokens(db)} == {first.id: 7, second.id: None}


@pytest.mark.parametrize("name", ["", "x" * 81, "a\nb"])
def test_a_name_says_who_has_it(db, name):
    with pytest.raises(OperationError, match="says who has it"):
        add_token(db, name)


def test_a_token_is_of_a_source_that_there_is(db):
    with pytest.raises(NotFound, match="no source nobody"):
        add_token(db, "theirs", source="nobody")
