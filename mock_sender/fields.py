"""The one definition of a delivery's fields, as InboundFlow's documentation has them; the rest is made of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field. `shown`: the documentation's sample has this very value; otherwise the example is ours."""

    name: str
    says: str
    example: str | int
    shown: bool = False
    type: str = "string"
    format: str = ""  # none where the value may be an empty string
    known_values: tuple[str, ...] = ()  # the values met so far, where that is not the same as all there are
    fact: str = ""  # what is known of a call and fills this field; the name, where nothing is said

    def __post_init__(self) -> None:
        if not self.fact:
            object.__setattr__(self, "fact", self.name)


@dataclass(frozen=True, kw_only=True)
class Event:
    """One documented event and the fields of its `data`, in the documentation's order."""

    name: str
    title: str  # what a program would call its type
    fires: str
    fields: tuple[Field, ...]

    def example(self) -> dict[str, Any]:
        """The documentation's sample, with values of ours where it has none."""
        envelope: dict[str, Any] = {field.name: field.example for field in ENVELOPE}
        return envelope | {"event": self.name, "data": {field.name: field.example for field in self.fields}}


ENVELOPE = (
    Field(name="event", says="What happened", example="call.completed", shown=True),
    Field(
        name="timestamp", says="The event's time", format="date-time", example="2026-02-24T21:00:00.000Z", shown=True
    ),
    Field(name="organization_id", says="The business", format="uuid", example="3f0c6a52-8a5e-4c0e-9d0b-5b1f2a7c9e10"),
    Field(
        name="delivery_id",
        says="Unique to this delivery: drop what comes a second time with the same one",
        format="uuid",
        example="b7d9e1f4-2c36-4f58-8a1d-0e6c4b9a7d23",
    ),
)

SUMMARY = "Called about auto repair appointment. Customer wants to bring in a 2019 Honda Civic for brake inspection."

CALL = Field(name="call_id", says="The call; the events of one call share it", example="call_5f2a9c1e7b34")
PHONE = Field(name="caller_phone", says="The caller's number", example="+1234567890", shown=True)
NAME = Field(name="caller_name", says="The caller's name, as far as it was said", example="Ada Moreno")
EMAIL = Field(
    name="caller_email", says="The caller's e-mail address, if it was given", example="ada.moreno@example.com"
)
SECONDS = Field(
    name="duration_seconds", says="How long the call was, in seconds", type="integer", example=55, shown=True
)
ABOUT = Field(name="summary", says="What was said, in a few sentences", example=SUMMARY, shown=True)
INTENT = Field(name="intent", says="What the caller wanted", example="book appointment", shown=True)
URGENCY = Field(
    name="urgency",
    says="How urgent it is; other words may come",
    known_values=("medium", "high"),
    example="medium",
    shown=True,
)

EVENTS = (
    Event(
        name="call.completed",
        title="CallCompleted",
        fires="A call has ended.",
        fields=(
            CALL,
            PHONE,
            NAME,
            EMAIL,
            SECONDS,
            ABOUT,
            INTENT,
            URGENCY,
            Field(name="recording_url", says="Where the recording is", example="https://...", shown=True),
            Field(
                name="started_at",
                says="When the call began",
                format="date-time",
                example="2026-02-24T20:59:00Z",
                shown=True,
            ),
            Field(name="ended_at", says="When the call ended", format="date-time", example="2026-02-24T20:59:55Z"),
        ),
    ),
    Event(
        name="call.transferred",
        title="CallTransferred",
        fires="The AI has put a call through to a person.",
        fields=(
            CALL,
            PHONE,
            NAME,
            SECONDS,
            ABOUT,
            Field(name="transferred_to_label", says="Whom the call went to", example="Front desk"),
            Field(name="transferred_to_number", says="The number it went to", example="+18154264329", shown=True),
            replace(URGENCY, example="high"),
            Field(name="reason", says="Why it was put through", example="The caller asked to speak to a person."),
        ),
    ),
    Event(
        name="appointment.booked",
        title="AppointmentBooked",
        fires="The AI has booked an appointment during a call.",
        fields=(
            CALL,
            PHONE,
            NAME,
            Field(name="appointment_date", says="The day", format="date", example="2026-02-25", shown=True),
            Field(
                name="appointment_time_start",
                says="When it begins",
                format="date-time",
                example="2026-02-25T11:00:00Z",
                shown=True,
            ),
            Field(name="appointment_time_end", says="When it ends", format="date-time", example="2026-02-25T12:00:00Z"),
            Field(name="service_type", says="What it is for", example="Brake inspection"),
            Field(name="calendar_event_id", says="The calendar's id of it", example="google_event_id", shown=True),
            Field(
                name="calendar_event_link",
                says="Where it is in the calendar",
                example="https://calendar.google.com/...",
                shown=True,
            ),
        ),
    ),
    Event(
        name="lead.created",
        title="LeadCreated",
        fires="A call has brought a new prospect.",
        fields=(
            CALL,
            PHONE,
            NAME,
            EMAIL,
            INTENT,
            URGENCY,
            Field(
                name="interest",
                says="What the prospect is interested in",
                example="Brake inspection",
                fact="service_type",
            ),
            Field(name="call_summary", says="What was said, in a few sentences", example=SUMMARY, fact="summary"),
        ),
    ),
)
