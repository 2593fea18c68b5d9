"""Which step of a move, or of the way back, may be taken when."""

import pytest

from receiver.errors import NotStored
from receiver.inbox import Inbox
from tests.support.deliveries import a_delivery
from tests.support.moving import receiver
from tests.support.runs import Runs

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize("did", ["worked", "received"])
def test_there_is_no_way_back_by_accident_once_a_receiver_has_run_on_the_other(db, env, url, target, did):
    assert receiver("copy", "--to", url, "--cutover", env=env).wait() == 0
    Runs(target).lead("a worker", target.now_us()) if did == "worked" else Inbox(target).keep(a_delivery())

    ran = receiver("copy", "--to", url, "--undo-cutover", env=env)

    said, complained = ran.communicate()
    assert (ran.returncode, said) == (2, "")
    assert "A receiver has worked on that database" in complained
    with pytest.raises(NotStored):
        Inbox(db).probe()

    assert receiver("copy", "--undo-cutover", "--force", env=env).wait() == 0
    Inbox(db).probe()


def test_there_is_no_way_back_from_where_nobody_went(db, env, url):
    ran = receiver("copy", "--to", url, "--undo-cutover", env=env)

    assert (ran.communicate()[0], ran.returncode) == ("The file is open: there was no cut-over.\n", 0)


def test_the_way_back_asks_where_the_other_is_and_believes_no_stranger(db, env, url, postgres):
    assert receiver("copy", "--to", url, "--cutover", env=env).wait() == 0

    for other, said in (([], "--to"), (["--to", postgres.new_database()], "was not moved to that database")):
        ran = receiver("copy", *other, "--undo-cutover", env=env)
        assert (said in ran.communicate()[1], ran.returncode) == (True, 2)
    with pytest.raises(NotStored):
        Inbox(db).probe()


def test_the_address_may_stand_in_database_url_already_and_no_other(db, env, url, postgres):
    said = {}
    for other in (url, postgres.new_database()):
        ran = receiver("copy", "--to", url, "--cutover", env=env | {"DATABASE_URL": other})
        said[other] = (ran.communicate()[1], ran.returncode)

    assert [code for _, code in said.values()] == [0, 2]
    assert "names another database than --to" in said[other][0]
