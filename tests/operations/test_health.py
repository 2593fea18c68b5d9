import json

from tests.support.cli import receiver

SLACK = {"SLACK_BOT_TOKEN": "t", "SLACK_CHANNEL": "C0", "SLACK_EVENTS": "lead.created", "SLACK_URGENCY": "high"}


def test_each_destination_is_shown_with_what_it_gets(tmp_path):
    ran = receiver("doctor", "--offline", "--json", DATA_DIR=str(tmp_path), **SLACK)

    shown = {one["handler"]: one for one in json.loads(ran.stdout)["handlers"]}
    assert (shown["slack.post"]["state"], shown["slack.post"]["events"]) == ("on", ["lead.created"])
    assert shown["slack.post"]["urgency"] == ["high"]
    assert shown["hubspot.keep_contact"]["state"] == "off"
