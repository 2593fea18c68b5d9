import pytest

from receiver.events import Delivery
from receiver.inbox import Inbox, Verdict
from tests.support.cli import receiver
from tests.support.runs import Runs
from tests.support.tools import claim, finish


@pytest.fixture
def paused(db, env):
    """The variables of an inbox in which slack.post is paused."""
    Inbox(db).keep(Delivery(key="d-1", body=b"{}", received_us=1))
    runs = Runs(db)
    [delivery] = runs.undispatched(1)
    runs.open([(delivery, "slack.post", "")], [1], 0)
    finish(runs, claim(runs, 1, "me", 0), "me", Verdict(state="retrying", result="pause", pause=True), 0)
    return env


def test_a_pause_is_ended_once(paused):
    ran = [receiver("resume", "slack.post", **paused) for _ in range(2)]

    assert [one.returncode for one in ran] == [0, 1]
    assert "goes on" in ran[0].stdout
    assert "is not paused; nothing is." in ran[1].stderr


@pytest.mark.parametrize("name", ["slack", "Slack", "slack.post"])
def test_a_destinations_name_is_enough(paused, name):
    assert receiver("resume", name, **paused).stdout == "slack.post goes on.\n"


def test_a_name_that_is_not_paused_is_told_what_is_and_what_was_meant(paused):
    ran = receiver("resume", "slack.pst", **paused)

    assert (ran.returncode, ran.stderr) == (
        1,
        "slack.pst is not paused; paused is slack.post. Did you mean slack.post?\n",
    )


def test_pauses_are_listed_in_the_businesss_language_and_by_its_clock(paused):
    ran = receiver("pause", BUSINESS_LANGUAGE="es", BUSINESS_TIMEZONE="America/Bogota", **paused)

    heads, row = ran.stdout.splitlines()
    assert heads.split() == ["en", "pausa", "desde", "motivo"]
    assert row.startswith("slack.post  ")
    assert "-05" in row
