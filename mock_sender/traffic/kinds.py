"""The kinds of call there are: what each tells InboundFlow, how long it takes, and how often it comes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of call. `wants` names the matters it is about; a missed call tells nothing."""

    events: tuple[str, ...]
    wants: str
    lasts_s: tuple[int, int]
    open: int  # calls in a hundred while the business is open
    closed: int  # and while it is not


KINDS = {
    "question": Kind(events=(), wants="question", lasts_s=(40, 200), open=30, closed=5),
    "booking": Kind(events=("appointment.booked",), wants="booking", lasts_s=(90, 330), open=20, closed=8),
    "first visit": Kind(
        events=("appointment.booked", "lead.created"), wants="booking", lasts_s=(120, 420), open=10, closed=4
    ),
    "lead": Kind(events=("lead.created",), wants="question", lasts_s=(60, 260), open=10, closed=3),
    "transfer": Kind(events=("call.transferred",), wants="question", lasts_s=(60, 480), open=13, closed=0),
    "urgent": Kind(events=("call.transferred",), wants="urgent", lasts_s=(45, 240), open=5, closed=10),
    "message": Kind(events=(), wants="question", lasts_s=(12, 45), open=0, closed=45),
    "missed": Kind(events=(), wants="", lasts_s=(2, 9), open=12, closed=25),
}

# The part of the call after which each thing happens, at the earliest and at the latest.
MOMENTS = {"call.transferred": (0.35, 0.6), "appointment.booked": (0.65, 0.8), "lead.created": (0.85, 0.95)}
INTENTS = {  # the documentation's word is English; callers of other languages than these have it too
    "en": {"booking": "book appointment", "question": "ask a question", "urgent": "urgent help", "": ""},
    "es": {"booking": "reservar una cita", "question": "hacer una pregunta", "urgent": "ayuda urgente", "": ""},
}
URGENCIES = {"booking": "medium", "question": "medium", "urgent": "high", "": ""}  # the documentation's two words

LEFT_WORD = {
    "es": "Dejó un mensaje.",
    "en": "Left a message.",
    "de": "Hat eine Nachricht hinterlassen.",
    "zh": "留言。",
}
WHY_TRANSFERRED = {
    "es": "Pidió hablar con una persona.",
    "en": "The caller asked to speak to a person.",
    "de": "Wollte mit einem Menschen sprechen.",
    "zh": "来电者要求与人工通话。",
}
