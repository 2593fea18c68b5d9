"""One call: everything that is known of it, and the deliveries it makes while it goes on and when it has ended."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..payloads import Payload, payload, stamp
from .businesses import Business
from .callers import Caller
from .diary import Diary
from .kinds import INTENTS, KINDS, LEFT_WORD, MOMENTS, URGENCIES, WHY_TRANSFERRED

# From the end of a call to its call.completed. The documentation's sample: 55 s from 20:59:00, delivered at 21:00:00.
SUMMED_UP_S = (3, 8)

# A caller who hangs up leaves a call of which this is not known. What is not known is an empty string: the
# documentation shows every field in every sample, so none is left out, and none changes its type.
NOT_TOLD = ("caller_name", "caller_email", "summary", "intent", "urgency", "recording_url")


@dataclass(frozen=True, kw_only=True)
class Call:
    """Who called, when, and how it went."""

    caller: Caller
    kind: str
    started: datetime
    seconds: int
    is_open: bool

    @property
    def ended(self) -> datetime:
        return self.started + timedelta(seconds=self.seconds)


def deliveries(
    rng: random.Random, call: Call, business: Business, diary: Diary, organization: str
) -> list[tuple[datetime, Payload]]:
    """What is delivered for this call, and when."""
    facts = call_facts(rng, call, business) | {"organization_id": organization}
    events = [
        during(rng, event, call, facts | appointment(business, diary, event)) for event in KINDS[call.kind].events
    ]
    time = call.ended + timedelta(seconds=rng.randint(*SUMMED_UP_S))
    return [*events, (time, payload(rng, "call.completed", facts | {"ended": time}))]


def during(rng: random.Random, event: str, call: Call, facts: dict[str, Any]) -> tuple[datetime, Payload]:
    """An event of a call that goes on: it has lasted as long as it has until then."""
    seconds = round(call.seconds * rng.uniform(*MOMENTS[event]))
    time = call.started + timedelta(seconds=seconds)
    return time, payload(rng, event, facts | {"ended": time, "duration_seconds": seconds})


def call_facts(rng: random.Random, call: Call, business: Business) -> dict[str, Any]:
    call_id = f"call_{rng.getrandbits(48):012x}"
    facts = {
        "call_id": call_id,
        "caller_phone": call.caller.phone,
        "caller_name": call.caller.name,
        "caller_email": call.caller.email,
        "duration_seconds": call.seconds,
        "recording_url": f"https://recordings.example.com/{call_id}.mp3",
        "started_at": stamp(call.started),
        "ended_at": stamp(call.ended),
    }
    return facts | (dict.fromkeys(NOT_TOLD, "") if call.kind == "missed" else conversation_facts(rng, call, business))


def conversation_facts(rng: random.Random, call: Call, business: Business) -> dict[str, Any]:
    """The facts that follow from what the caller said."""
    wants, language = KINDS[call.kind].wants, call.caller.language
    matter = rng.choice(getattr(business.matters[language], wants))
    label, number = rng.choice(business.colleagues[:-1]) if call.is_open else business.colleagues[-1]
    return {
        "intent": INTENTS.get(language, INTENTS["en"])[wants],
        "urgency": URGENCIES[wants],
        "service_type": matter.service,
        "summary": f"{LEFT_WORD[language]} {matter.summary}" if call.kind == "message" else matter.summary,
        "transferred_to_label": label,
        "transferred_to_number": number,
        "reason": WHY_TRANSFERRED[language],
        "calendar_event_id": f"evt_{rng.getrandbits(40):010x}",
    }


def appointment(business: Business, diary: Diary, event: str) -> dict[str, Any]:
    if event != "appointment.booked":
        return {}
    begins = diary.book()
    return {
        "appointment_date": begins.astimezone(business.zone).date().isoformat(),
        "appointment_time_start": stamp(begins),
        "appointment_time_end": stamp(begins + timedelta(minutes=business.visit_min)),
        "calendar_event_link": f"https://calendar.example.com/event/{begins:%Y%m%dT%H%M}",
    }
