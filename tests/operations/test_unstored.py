"""The real troubles are in tests/web/test_database_trouble.py; here, what each says to whoever asks."""

import psycopg
import pytest
from psycopg import errors as pg

from receiver.errors import StoreError
from receiver.operations.unstored import OTHER, TROUBLES, why_unstored
from receiver.store import MOVED
from receiver.store.postgres_session import translating_errors


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (pg.DiskFull('could not extend file "base/1/2": No space left on device'), "disk"),
        (pg.ReadOnlySqlTransaction("cannot execute INSERT in a read-only transaction"), "primary"),
        (psycopg.OperationalError('FATAL: password authentication failed for user "ines"'), "user or the password"),
        (psycopg.OperationalError("FATAL: sorry, too many clients already"), "no more connections"),
        (pg.LockNotAvailable("canceling statement due to lock timeout"), "locked"),
        (
            psycopg.OperationalError('connection to server at "10.0.0.5" failed: Connection refused'),
            "cannot be reached",
        ),
        (pg.UndefinedTable('relation "deliveries" does not exist'), "migrate"),
    ],
)
def test_what_a_server_says_becomes_a_sentence_without_its_names(error, says):
    with pytest.raises(StoreError) as raised, translating_errors():
        raise error

    sentence = why_unstored(raised.value)
    assert says in sentence
    assert not any(word in sentence for word in ("ines", "10.0.0.5", "base/1/2"))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [(f"IntegrityError: {MOVED}", MOVED), ("OperationalError: what nobody has seen, +15550100", OTHER), ("", OTHER)],
)
def test_what_is_ours_is_said_as_it_is_and_what_nobody_knows_not_at_all(text, sentence):
    assert why_unstored(StoreError(text)) == sentence


def test_each_sentence_says_what_to_do():
    assert [sentence for sentence in TROUBLES.values() if ":" not in sentence] == []
