"""A move to Postgres that was begun, and a receiver that was started there before its last step."""

import time
from dataclasses import replace

import pytest

from receiver import settings
from receiver.doctor.left_behind import check_left_behind
from receiver.inbox import Inbox
from receiver.store.postgres import Postgres
from tests.support.deliveries import a_delivery
from tests.support.findings import told
from tests.support.moving import fill, receiver
from tests.support.runs import Runs

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def url(postgres):
    return postgres.new_database()


@pytest.fixture
def there(url):
    db = Postgres(url)
    yield db
    db.close()


def left_behind(db, env, url):
    return list(check_left_behind(db, settings.read(env | {"DATABASE_URL": url})))


def comes(db, key):
    Inbox(db).keep(replace(a_delivery(key=key), received_us=time.time_ns() // 1000))


@pytest.mark.parametrize(("has_worked", "do"), [(False, "--cutover"), (True, "receiver worker")])
def test_what_came_to_the_file_since_the_last_copy_is_told_with_what_to_do(db, env, url, there, has_worked, do):
    fill(db, 3)
    assert receiver("copy", "--to", url, env=env).wait() == 0
    assert left_behind(there, env, url) == []
    for key in ("one", "two"):
        comes(db, key)
    if has_worked:
        Runs(there).lead("a worker", there.now_us())

    [found] = left_behind(there, env, url)

    assert (found.severity, "2 deliveries came to" in found.message, do in found.do) == ("problem", True, True)


def test_after_the_last_step_nothing_is_left(db, env, url, there):
    fill(db, 3)
    assert receiver("copy", "--to", url, env=env).wait() == 0
    comes(db, "one")
    assert receiver("copy", "--to", url, "--cutover", env=env).wait() == 0

    assert left_behind(there, env, url) == []


def test_an_old_file_of_another_inbox_says_nothing(db, env, url, there):
    comes(db, "one")
    assert receiver("migrate", env=env | {"DATABASE_URL": url}).wait() == 0

    assert told(left_behind(there, env, url)) == set()
