import pytest

from receiver import settings
from receiver.doctor.inbox import InboxCheck
from receiver.operations import Health, health
from tests.support.findings import told


def test_a_database_that_is_away_is_a_problem(tmp_path):
    env = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "DATA_DIR": str(tmp_path)}

    [found] = InboxCheck(settings.read(env), env, [])()

    assert (found.severity, found.message[:18]) == ("problem", "it does not answer")


def test_where_nothing_was_kept_yet_nobody_is_asked(tmp_path):
    env = {"DATA_DIR": str(tmp_path)}
    check = InboxCheck(settings.read(env), env, [])

    assert [finding.message for finding in check()] == [
        "none yet: it is made at the first start",
        "no delivery has been received yet",
    ]
    assert (check.health, list(tmp_path.iterdir())) == (Health(), [])


def test_the_health_of_the_runs_is_left_behind(story):
    check = InboxCheck(settings.read(story.env), story.env, [])

    list(check())

    assert check.health == health(story.db) != Health()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_file_that_is_gone_below_a_running_worker_is_a_problem_and_one_that_never_was_is_not(db, env):
    read = settings.read(env)
    nudges = db.nudges()
    db.path.unlink()
    gone = told(InboxCheck(read, env, [])())
    nudges.close()

    assert ("problem", f"its file {db.path} is gone, and a receiver runs that had it") in gone
    assert ("ok", "none yet: it is made at the first start") in told(InboxCheck(read, env, [])())
