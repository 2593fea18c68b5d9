"""Test verbs: deliveries, events and runs in a line; a skip, where a machine lacks something."""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from receiver.events import Delivery, read_event
from receiver.registry import Run

CALL = {"call_id": "call-1", "caller_phone": "+15550100", "caller_name": "Ada Moreno"}


def a_delivery(event, key="d-1", **data):
    body = json.dumps({"event": event, "delivery_id": key, "data": CALL | data}).encode()
    return Delivery(key=key, event=event, body=body, call_id="call-1", received_us=time.time_ns() // 1000)


def completed(key="d-1", **changes):
    return read_event(a_delivery("call.completed", key, **{"summary": "Brakes", "duration_seconds": 55} | changes))


def transferred(key="d-1", **changes):
    to = {"transferred_to_label": "Front desk", "transferred_to_number": "+15550190", "reason": "Asked for a person"}
    return read_event(a_delivery("call.transferred", key, **to | changes))


def booked(key="d-1", **changes):
    start = {"appointment_time_start": "2026-02-25T11:00:00Z", "appointment_time_end": "2026-02-25T11:45:00Z"}
    return read_event(a_delivery("appointment.booked", key, **start | {"service_type": "Check-up"} | changes))


def lead(key="d-1", **changes):
    return read_event(
        a_delivery("lead.created", key, **{"caller_email": "ada@example.com", "interest": "Whitening"} | changes)
    )


def claim(runs, run, owner, now_us):
    """The claim of one run, or None."""
    return next(iter(runs.claim([run], owner, now_us)), None)


def finish(runs, claim, owner, verdict, now_us):
    """Whether the end of one run's attempt was recorded."""
    return list(runs.finish([(claim, verdict)], owner, now_us)) == [claim.id]


def tuples(rows):
    """Rows of either database as tuples."""
    return [tuple(dict(row).values()) for row in rows]


def a_run(handler, env, event, *, attempt=1, target="", check_lease=lambda: None, earlier=(), met=""):
    """The run that the worker would give to a handler for this event; its attempts before this one have `met` that."""
    from receiver import registry

    activation = registry.load("handlers")[handler].activate(env)
    assert activation.state == "on", activation.why
    target = target or next(iter(activation.targets))
    delivery = a_delivery(event.event, key=event.delivery_id, **event.data)
    return Run(
        id=1, handler=handler, target=target, attempt=attempt, failures=attempt - 1, unsure=attempt > 1,
        failed_with=(met or "raised",) * (attempt - 1),
        settings=activation.targets[target], delivery=delivery, check_lease=check_lease, earlier=lambda: earlier,
    )  # fmt: skip


def refused(db, lane, reason):
    """A pause as a worker makes it, when a destination refuses what every next call would be refused too."""
    sql = "INSERT INTO pauses (source, handler, target, reason, since_us) VALUES (?, ?, ?, ?, ?)"
    db.commit(lambda tx: tx.execute(sql, (*lane, reason, db.now_us())))


def lacking(what):
    """Skip what this machine cannot run; in CI nothing is skipped."""
    if os.environ.get("CI"):
        pytest.fail(f"CI must have {what}")
    pytest.skip(f"this machine lacks {what}")


def where_it_is(hour):
    """A zone in which it is that hour now, and some minutes."""
    ahead = (hour - datetime.now(UTC).hour) % 24
    return ZoneInfo(f"Etc/GMT-{ahead}" if ahead <= 14 else f"Etc/GMT+{24 - ahead}")


def where_it_is_noon():
    """There no day has just begun or is about to end."""
    return where_it_is(12)


def in_zone(db, name="UTC"):
    """The settings of the sources of a receiver whose business is in this zone."""
    from receiver import operations, settings

    return operations.SourceSettings(db, settings.read({"BUSINESS_TIMEZONE": name}))
