import pytest

from receiver.inbox import Inbox
from tests.support.moving import receiver

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize("step", [[], ["--cutover"]])
def test_a_postgres_that_does_not_answer_is_named_as_such(db, env, step):
    ran = receiver("copy", "--to", "postgres://nobody@127.0.0.1:1/none", *step, env=env)

    assert ran.communicate()[1].startswith("receiver: The Postgres of --to does not answer: ")
    assert ran.returncode == 2
    Inbox(db).probe()  # nothing was closed


@pytest.mark.parametrize(
    ("arguments", "says"),
    [([], "--to"), (["--to", "mysql://x"], "postgres://"), (["--to", "postgres://127.0.0.1:1/x"], "")],
)
def test_a_mistake_is_told_in_a_sentence(db, env, arguments, says):
    ran = receiver("copy", *arguments, env=env)
    _, complained = ran.communicate(timeout=30)

    assert (ran.returncode in (1, 2), says in complained, "Traceback" in complained) == (True, True, False), complained
