"""One delivery, as it is shown."""

import json

from tests.support.story import PHONE


def test_one_delivery_is_shown_with_its_attempts_and_its_body_on_request_only(story):
    said = story.cli("show", "a")
    [found] = story.cli("show", "call-a", "--json", "--body")["deliveries"]

    assert "no such channel" in said
    assert PHONE not in said
    assert json.loads(found["body"])["data"]["caller_phone"] == PHONE
    assert found["runs"][0]["attempts"][0]["result"] == "gave-up"
