from receiver import settings
from receiver.doctor.inbox import InboxCheck


def test_a_database_that_is_away_is_a_problem(tmp_path):
    env = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "DATA_DIR": str(tmp_path)}

    [found] = InboxCheck(settings.read(env), env, [])()

    assert (found.severity, found.message[:18]) == ("problem", "it does not answer")
