"""Mistakes with deliveries that come twice, late, or at the same moment."""

import hashlib
import threading
from collections import Counter
from datetime import datetime

from tests.receivers.right import Right

from .table import made_for


class Remembers(Right):
    """Keeps something of the first delivery with an id, to compare."""

    def __init__(self, *secrets):
        super().__init__(*secrets)
        self.first = {}

    def trait(self, headers, body):
        """What a second one must have in common with the first."""

    def accepted(self, headers, body):
        trait = self.trait(headers, body)
        if self.first.setdefault(self.key(headers, body), trait) != trait:
            return 409, "not what came first"
        return super().accepted(headers, body)


@made_for(50, 51, 52, 53)
class ConflictsOnDuplicates(Right):
    """Answers 409 to a delivery that it has, and the sender counts a failure."""

    def accepted(self, headers, body):
        key = self.key(headers, body)
        if not self.is_new(key):
            return 409, "already here"
        self.todo.put(key)
        return 200, "accepted"


@made_for(51)
class TakesANewSignatureForAnAttack(Remembers):
    """Refuses an id that it knows with another signature, which every retry may have."""

    def trait(self, headers, body):
        return self.header(headers, "Signature")


@made_for(53)
class ConflictsOnAnotherBody(Remembers):
    """Refuses an id that it knows with other content, as payment APIs do."""

    def trait(self, headers, body):
        return hashlib.sha256(body).digest()


class LooksFirst(Right):
    """Looks whether the delivery is known, and writes once another has looked as well, or after a second."""

    def __init__(self, *secrets):
        super().__init__(*secrets)
        self.looks, self.looking = Counter(), threading.Condition()

    def looked(self, key):
        with self.looking:
            known = self.db_has(key)
            self.looks[key] += 1
            self.looking.notify_all()
            self.looking.wait_for(lambda: self.looks[key] > 1, timeout=1.0)  # seconds
        return known

    def db_has(self, key):
        with self.lock:
            return self.db.execute("select 1 from deliveries where id = ?", [key]).fetchone() is not None


@made_for(52)
class CrashesOnTheUniqueConstraint(LooksFirst):
    """Looks first, then inserts, and does not expect the database's own no."""

    def is_new(self, key):
        if self.looked(key):
            return False
        with self.lock:
            self.db.execute("insert into deliveries values (?)", [key])
        return True


@made_for(56)
class ChecksThenInserts(LooksFirst):
    """Looks first, then works: of several at once, each finds nothing."""

    def is_new(self, key):
        return not self.looked(key) and (super().is_new(key) or True)


@made_for(54)
class JudgesTheAgeOfTheEvent(Right):
    """Refuses what happened long ago, though it was sent just now."""

    def accepted(self, headers, body):
        happened = datetime.fromisoformat(self.envelope(body)["timestamp"])
        if not self.in_time(happened.timestamp()):
            return 401, "too old"
        return super().accepted(headers, body)


@made_for(55, 56)
class WorksEachTime(Right):
    """Knows no duplicates: two cards in the CRM for one call."""

    def is_new(self, key):
        return True


@made_for(57)
class DedupesByEvent(Right):
    """Takes the event's name for its identity."""

    def accepted(self, headers, body):
        if super().is_new(self.header(headers, "Event")):
            self.todo.put(self.key(headers, body))
        return 200, "accepted"


@made_for(57)
class LosesWhatItPutAside(Right):
    """Answers 200, and the queue in its memory drops every other delivery."""

    def is_new(self, key):
        self.turn = not getattr(self, "turn", True)
        return super().is_new(key) and self.turn


@made_for(58)
class TrustsTheIdHeader(Right):
    """Goes by the delivery id in the header, which is not signed."""

    def key(self, headers, body):
        return self.header(headers, "Delivery-Id") or super().key(headers, body)


@made_for(58)
class RefusesAnotherIdHeader(Right):
    """Refuses an authentic body, because a header that nobody signed says otherwise."""

    def accepted(self, headers, body):
        if self.header(headers, "Delivery-Id") not in ("", self.key(headers, body)):
            return 400, "which one is it?"
        return super().accepted(headers, body)
