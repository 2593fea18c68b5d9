"""Mistakes with authentic deliveries that are not quite what was expected: they must be taken all the same."""

import json
from collections import namedtuple

from mock_sender.payloads import EVENTS, FIELDS
from tests.receivers.right import Right
from tests.receivers.serving import Refused

from .table import made_for

FIELDS_OF_ENVELOPE = {"event", "timestamp", "organization_id", "delivery_id", "data"}


class Strict(Right):
    """Looks at an authentic delivery; whatever goes wrong there is a 500, as in every framework."""

    def look(self, event, data):
        """Raises what it does not like."""

    def accepted(self, headers, body):
        event = self.envelope(body)
        if event:
            self.look(event, event.get("data"))
        return super().accepted(headers, body)


@made_for(60, 95)
class CrashesOnUnknownEvents(Strict):
    """Looks the event up in a table without a default."""

    def look(self, event, data):
        {name: True for name in EVENTS}[event["event"]]


@made_for(61)
class RefusesMissingFields(Strict):
    """Answers 400 where a documented field is not there."""

    def look(self, event, data):
        if isinstance(data, dict) and not set(FIELDS.get(event.get("event"), ())) <= set(data):
            raise Refused(400, "a field is missing")


@made_for(62)
class CrashesOnNull(Strict):
    """Strips every text, and null is none."""

    def look(self, event, data):
        for value in data.values() if isinstance(data, dict) else ():
            value if isinstance(value, int | float | list | dict) else value.strip()


@made_for(63)
class ForbidsNewFields(Strict):
    """Answers 422 to a field that its model does not know."""

    def look(self, event, data):
        new_in_data = isinstance(data, dict) and set(data) - set(FIELDS.get(event.get("event"), data))
        if set(event) - FIELDS_OF_ENVELOPE or new_in_data:
            raise Refused(422, "extra fields not permitted")


@made_for(64)
class InsistsOnTypes(Strict):
    """Answers 422 to a number that is written as a text, and the other way round."""

    def look(self, event, data):
        for name, value in data.items():
            if name in FIELDS.get(event.get("event"), ()) and not self.fits(name, value):
                raise Refused(422, f"{name} has the wrong type")

    def fits(self, name, value):
        return value is None or isinstance(value, int if name == "duration_seconds" else str)


@made_for(65)
class TakesHundredKilobytes(Right):
    """Leaves its framework's limit for a body as it is: 100 kB in Express."""

    body_bytes = 100 * 1024


class Stores(Strict):
    """Writes every text to a database with ideas of its own."""

    def look(self, event, data):
        for text in texts(event):
            self.store(text)

    def store(self, text):
        """Raises what the database would."""


def texts(value):
    if isinstance(value, str):
        yield value
    for inner in value.items() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ():
        yield from texts(inner)


@made_for(66)
class StoresThreeBytesOfUtf8(Stores):
    """Its columns are MySQL's `utf8`, which has no emoji."""

    def store(self, text):
        if any(ord(sign) > 0xFFFF for sign in text):
            raise ValueError("Incorrect string value")


@made_for(67)
class StoresLatinLetters(Stores):
    """Its columns, or its log, are Latin-1."""

    def store(self, text):
        text.encode("latin-1")


@made_for(68)
class CrashesOnHalfACharacter(Stores):
    """Writes UTF-8, in which half a surrogate pair has no place."""

    def store(self, text):
        text.encode()


@made_for(69)
class MakesAttributesOfFields(Strict):
    """Makes a named tuple of the fields, and a number is no name."""

    def look(self, event, data):
        namedtuple("Data", data if isinstance(data, dict) else ())


@made_for(70)
class CrashesOnNul(Stores):
    """Its database is Postgres, whose texts hold no NUL."""

    def store(self, text):
        if "\0" in text:
            raise ValueError("A string literal cannot contain NUL (0x00) characters.")


@made_for(71)
class NeedsADeliveryId(Strict):
    """Answers 400 where there is no delivery_id to know duplicates by."""

    def look(self, event, data):
        if "delivery_id" not in event:
            raise Refused(400, "no delivery_id")


@made_for(72)
class RefusesAnotherEventHeader(Right):
    """Refuses an authentic body, because a header that nobody signed names another event."""

    def accepted(self, headers, body):
        if self.header(headers, "Event") != self.envelope(body).get("event"):
            return 400, "which one is it?"
        return super().accepted(headers, body)


@made_for(61, 62, 64, 95)
class HasAModelOfTheEvent(Strict):
    """Makes an object of fixed fields of what comes, before it answers."""

    def look(self, event, data):
        for name in FIELDS.get(event["event"], ()):
            json.dumps(data[name] + (0 if name == "duration_seconds" else ""))
