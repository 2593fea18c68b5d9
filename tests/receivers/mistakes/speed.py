"""Mistakes that cost time, of which there are 10 seconds."""

import threading
import time

from tests.receivers.right import Right

from .table import made_for

TOO_LONG_S = 10.5  # the sender waits 10


@made_for(90)
class WorksBeforeAnswering(Right):
    """Waits for the CRM before it answers, and one call in ten takes its time there."""

    count = 0

    def accepted(self, headers, body):
        self.count += 1
        time.sleep(0 if self.count % 10 else TOO_LONG_S)
        return super().accepted(headers, body)


@made_for(91)
class WorksOneByOne(Right):
    """Works under one lock before it answers, a quarter of a second each."""

    turn = threading.Lock()

    def accepted(self, headers, body):
        with self.turn:
            time.sleep(0.25)
        return super().accepted(headers, body)


@made_for(92)
class LimitsTheRate(Right):
    """Answers 429 to more than a hundred in a minute, as for a public API."""

    def __init__(self, *secrets):
        super().__init__(*secrets)
        self.times = []

    def accepted(self, headers, body):
        now = time.monotonic()
        self.times = [*(at for at in self.times if at > now - 60), now]
        return super().accepted(headers, body) if len(self.times) <= 100 else (429, "slow down")


@made_for(93)
class TakesOneRequestAtATime(Right):
    """Is its framework's development server: whoever is slow keeps all others waiting."""

    at_once = False
