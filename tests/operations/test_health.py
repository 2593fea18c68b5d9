import json

from receiver.operations import Health, Unfinished, unfinished
from receiver.operations.health import WAITING
from receiver.registry import Lane
from tests.support.cli import receiver

SLACK = {"SLACK_BOT_TOKEN": "xoxb-t", "SLACK_CHANNEL": "C0", "SLACK_EVENTS": "lead.created", "SLACK_URGENCY": "high"}


def test_each_destination_is_shown_with_what_it_gets(tmp_path):
    ran = receiver("doctor", "--offline", "--json", DATA_DIR=str(tmp_path), **SLACK)

    shown = {one["handler"]: one for one in json.loads(ran.stdout)["handlers"]}
    assert (shown["slack.post"]["state"], shown["slack.post"]["events"]) == ("on", ["lead.created"])
    assert shown["slack.post"]["urgency"] == ["high"]
    assert shown["hubspot.keep_contact"]["state"] == "off"


LANE, OTHER = Lane("", "fw.forward", "a"), Lane("", "fw.forward", "b")


def test_what_is_unfinished_is_counted_by_lane_and_by_handler():
    state = Health(
        unfinished=tuple(
            Unfinished(lane=lane, state=state, runs=runs, error="")
            for lane, state, runs in [
                (OTHER, "pending", 2),
                (LANE, "retrying", 1),
                (LANE, "pending", 4),
                (LANE, "dead", 9),
            ]
        )
    )

    assert state.by_lane(WAITING) == [(LANE, 5), (OTHER, 2)]
    assert state.by_handler(WAITING) == {("", "fw.forward"): 7}


def test_runs_that_have_ended_well_are_not_unfinished(story):
    lane = Lane("", "slack.post", "")

    assert unfinished(story.db) == [
        Unfinished(lane=lane, state="pending", runs=1, error=""),
        Unfinished(lane=lane, state="dead", runs=2, error="no such channel"),
    ]
