"""A receiver that sends e-mail through one service: it hands events to the handler, and remembers their outcomes."""

import pytest

from handlers.email import send
from receiver.errors import RetryLater
from receiver.registry import Earlier
from tests.support.tools import a_run

TO = "front@acme.example"


class Desk:
    def __init__(self, env):
        self.env, self.done = env, []

    def run(self, event, attempt=1, target=TO):
        earlier = [other for other in self.done if other.event.delivery_id != event.delivery_id]
        return a_run("email.send", self.env, event, attempt=attempt, target=target, earlier=earlier)

    def attempt(self, event, attempt=1, target=TO):
        """One attempt whose end is recorded."""
        outcome = send(event, self.run(event, attempt, target))
        self.remember(event, outcome)
        return outcome

    def fail(self, event, attempt=1, error=RetryLater):
        with pytest.raises(error) as raised:
            send(event, self.run(event, attempt))
        self.remember(event, "")
        return raised.value

    def remember(self, event, outcome):
        self.done = [other for other in self.done if other.event.delivery_id != event.delivery_id]
        self.done.append(Earlier(event=event, outcome=outcome))
