"""Damage is caused, and found."""

import random
import sqlite3

import pytest

from receiver import inbox, operations, settings, store
from receiver.operations import integrity
from receiver.store.sqlite import Sqlite
from tests.support.deliveries import a_delivery
from tests.support.postgres import Server, programs


def test_a_sound_database_is_sound_however_often_one_looks(db):
    assert [operations.inspect(db), operations.inspect(db), operations.damage(db)] == ["", "", ""]


def test_a_damaged_file_is_found_and_named(tmp_path):
    path = tmp_path / "inbox.db"
    db = Sqlite(path)
    store.migrate(db)
    for n in range(200):
        inbox.Inbox(db).keep(a_delivery(key=f"d-{n}", body=b"x" * 500))
    db.close()
    content = bytearray(path.read_bytes())
    rng = random.Random(1)
    for page in range(8, len(content) // 4096):
        content[page * 4096 : page * 4096 + 40] = rng.randbytes(40)
    path.write_bytes(content)

    db = Sqlite(path)
    problem = integrity.malformed(db)
    db.close()

    assert "inbox.db is damaged" in problem
    with pytest.raises(sqlite3.DatabaseError):  # so it was
        sqlite3.connect(path).execute("SELECT count(body), sum(length(body)) FROM deliveries").fetchall()


def test_another_timeline_is_found_and_shown_for_a_day(tmp_path):
    if not programs():
        pytest.skip("needs the programs of a Postgres server (on Debian: apt install postgresql)")
    server = Server()
    try:
        db = store.connect(settings.read({"DATA_DIR": str(tmp_path), "DATABASE_URL": server.new_database()}))
        store.migrate(db)
        assert operations.inspect(db) == ""

        server.fail_over()

        assert "replaced by another" in operations.inspect(db)
        assert operations.inspect(db) == ""
        assert "replaced by another" in operations.damage(db)
        db.clock.offset_us += integrity.SHOWN_US
        db.clock.read_at += 1e9
        assert operations.damage(db) == ""
        db.close()
    finally:
        server.close()
