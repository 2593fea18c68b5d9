"""A receiver at one Slack, its events, and what people read in its messages."""

import pytest

from handlers.slack import post
from mock_sender.destinations.slack import CHANNEL
from receiver.errors import RetryLater
from receiver.events import read_event
from receiver.registry import Earlier
from tests.support.tools import a_delivery, a_run

SAID = {
    "call.completed": {"summary": "Toothache", "duration_seconds": 75, "recording_url": "https://rec.example/1.mp3"},
    "call.transferred": {"transferred_to_label": "Front desk", "reason": "Asked for a person", "urgency": "medium"},
    "appointment.booked": {
        "appointment_time_start": "2026-02-25T11:00:00Z",
        "service_type": "Root canal",
        "calendar_event_link": "https://calendar.example/1",
    },
    "lead.created": {"caller_email": "ada@example.com", "interest": "Whitening", "call_summary": "Toothache"},
}


KINDS = list(SAID)


def an_event(kind="call.completed", key="", **data):
    return read_event(a_delivery(kind, key or f"d-{kind}", **SAID.get(kind, {}) | data))


class Office:
    """A receiver at one Slack: it hands events to the handler, and remembers outcomes as the inbox would."""

    def __init__(self, world, **env):
        self.world, self.env, self.done = world, world.env | env, []

    def run(self, event, attempt=1, **changes):
        earlier = [
            other
            for other in self.done
            if event.call_id and other.event.call_id == event.call_id and other.event.delivery_id != event.delivery_id
        ]
        return a_run("slack.post", self.env, event, attempt=attempt, earlier=earlier, **changes)

    def attempt(self, event, attempt=1, **changes):
        """One attempt whose end is recorded."""
        outcome = post(event, self.run(event, attempt, **changes))
        self.done = [other for other in self.done if other.event.delivery_id != event.delivery_id]
        self.done.append(Earlier(event=event, outcome=outcome))
        return outcome

    def fail(self, event, attempt=1, error=RetryLater):
        with pytest.raises(error) as raised:
            post(event, self.run(event, attempt))
        self.done.append(Earlier(event=event, outcome=""))
        return raised.value

    def channel(self, channel=CHANNEL):
        """Each thread of a channel: its parent, and the delivery ids of all its messages in order."""
        threads = {}
        for message in self.world.slack.messages:
            if message["channel"] == channel:
                threads.setdefault(message.get("thread_ts", message["ts"]), []).append(message)
        return [(messages[0], [message["delivery_id"] for message in messages]) for messages in threads.values()]


def look(message):
    return message["text"], message["blocks"]


def texts(message):
    """All that a person or a parser would read in a message."""
    pieces = [message["text"]]
    for block in message["blocks"]:
        parts = (block.get("text"), *block.get("fields", []), *block.get("elements", []))
        pieces += [part["text"] for part in parts if part and isinstance(part["text"], str)]
    return pieces


def webhook(world, **changes):
    allowed = world.url.removeprefix("http://")
    return Office(
        world, SLACK_BOT_TOKEN="", SLACK_WEBHOOK_URL=world.slack_webhook_url, FORWARD_ALLOW_HOSTS=allowed, **changes
    )
