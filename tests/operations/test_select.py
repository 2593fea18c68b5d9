"""What a person types, and what is meant by it."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from receiver.errors import NotATime
from receiver.operations import midnight_us, read_day
from receiver.operations.select import time_us


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["replay"], "what to replay"),
        (["replay", "--since", "tomorrow"], "is not a time"),
        (["replay", "--handler", "slak.post"], "Did you mean slack.post?"),
        (["replay", "--handler", "hubspot.keep_contact"], "HUBSPOT_ACCESS_TOKEN"),
        (["deliveries", "--state", "failed"], "dead"),
        (["deliveries", "--state", "deat"], "Did you mean dead?"),
        (["pause", "slakc"], "There is no handler slakc. Did you mean slack.post?"),
        (["delivries"], "Did you mean 'deliveries'?"),
        (["cancel"], "what to cancel"),
        (["cancel", "--state", "dead"], "--yes"),
        (["cancel", "--state", "succeeded", "--yes"], "only what waits"),
        (["cancel", "--since", "24/11", "--yes"], "is not a time"),
    ],
)
def test_a_mistake_is_told_in_a_sentence_and_changes_nothing(story, arguments, says):
    before = story.states()

    assert says in story.cli(*arguments, code=2)
    assert story.states() == before


@pytest.mark.parametrize(
    ("arguments", "total"),
    [
        (["--caller", "+1 555 0100"], 2),
        (["--caller", "+15550100", "--event", "lead.created"], 1),
        (["--error", "no such channel"], 2),
        (["--error", "refused-503"], 0),
        (["--state", "dead", "--error", "NO SUCH", "--limit", "1"], 1),
    ],
)
def test_what_failed_is_chosen_by_who_called_and_by_what_was_met(story, arguments, total):
    assert story.cli("replay", "--state", "dead", *arguments, "--dry-run", "--json")["total"] == total


def test_a_number_that_never_called_selects_nothing(story):
    assert "no call from that number" in story.cli("replay", "--caller", "+15550999", code=1)
    assert "no phone number" in story.cli("replay", "--caller", "Ana", code=2)


MADRID = ZoneInfo("Europe/Madrid")
NOW_US = 1_795_994_100_000_000  # 2026-11-29 23:15 UTC: in Madrid it is the 30th


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("today", "2026-11-30T00:00+01:00"),
        ("hoy", "2026-11-30T00:00+01:00"),
        ("Yesterday", "2026-11-29T00:00+01:00"),
        ("ayer", "2026-11-29T00:00+01:00"),
        ("2h", "2026-11-29T21:15Z"),
        ("7d", "2026-11-22T23:15Z"),
        ("2026-11-23", "2026-11-23T00:00+01:00"),
        ("2026-07-23", "2026-07-23T00:00+02:00"),
        ("2026-11-23T09:30", "2026-11-23T09:30+01:00"),
        ("2026-11-23T09:30Z", "2026-11-23T09:30Z"),
    ],
)
def test_a_time_is_the_businesss(text, moment):
    assert time_us(text, NOW_US, MADRID) == datetime.fromisoformat(moment).timestamp() * 1e6


def test_a_day_begins_at_the_businesss_midnight():
    assert read_day("today", NOW_US, MADRID).isoformat() == "2026-11-30"
    assert read_day("2026-11-23", NOW_US, MADRID).isoformat() == "2026-11-23"
    assert midnight_us(read_day("today", NOW_US, MADRID), MADRID) == NOW_US - 15 * 60 * 1_000_000
    with pytest.raises(NotATime, match="is not a day"):
        read_day("2h", NOW_US, MADRID)


def test_a_short_name_selects_its_handler(story):
    keys = [one["key"] for one in story.cli("deliveries", "--json", "--handler", "slack")["deliveries"]]

    assert keys == ["d", "c", "b", "a"]
