import json
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.events import AppointmentBooked, CallCompleted, Delivery, LeadCreated, UnknownEvent, read_event

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def event_of(name, data, **envelope):
    body = json.dumps({"event": name, "data": data, "timestamp": "t", "organization_id": "o"} | envelope).encode()
    return read_event(Delivery(key="d-1", event=name, body=body, received_us=1))


def test_a_known_event_has_its_fields():
    data = {"call_id": "c", "caller_phone": "+15550100", "duration_seconds": 55, "summary": "Brakes"}

    assert event_of("call.completed", data) == CallCompleted(
        delivery_id="d-1", event="call.completed", timestamp="t", organization_id="o", data=data,
        call_id="c", caller_phone="+15550100", duration_seconds=55, summary="Brakes",
    )  # fmt: skip


ODD_FIELDS = [
    # a field      sent as        read as
    ("duration_seconds", "55",    None),
    ("duration_seconds", True,    None),
    ("duration_seconds", 5.5,     None),
    ("duration_seconds", None,    None),
    ("summary",          7,       None),
    ("summary",          ["x"],   None),
    ("summary",          "",      ""),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "expected"), ODD_FIELDS)
def test_a_field_of_the_wrong_type_is_absent_and_stays_in_data(name, value, expected):
    event = event_of("call.completed", {name: value, "call_id": "c"})

    assert (getattr(event, name), event.data[name], event.call_id) == (expected, value, "c")


@pytest.mark.parametrize("call", ["", " ", "\u200b\n", "\x00"])
def test_a_call_without_a_name_is_none(call):
    event = event_of("call.completed", {"call_id": call})

    assert (event.call_id, event.data["call_id"]) == (None, call)


def test_fields_that_we_do_not_know_are_kept():
    assert event_of("lead.created", {"mood": "glad"}).data == {"mood": "glad"}


def test_an_event_that_we_do_not_know_is_delivered_whole():
    event = event_of("call.exploded", {"call_id": "c"})

    assert (type(event), event.event, event.data) == (UnknownEvent, "call.exploded", {"call_id": "c"})


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b'{"data": 7}', b'{"data": []}', b"[" * 100_000])
def test_a_body_of_another_shape_loses_nothing(body):
    event = read_event(Delivery(key="d-1", event="appointment.booked", body=body, received_us=1))

    assert (type(event), event.delivery_id, event.data) == (AppointmentBooked, "d-1", {})


def test_an_event_is_frozen():
    with pytest.raises(FrozenInstanceError):
        LeadCreated(delivery_id="d", event="lead.created").call_id = "other"


@given(json_values, st.sampled_from(["call.completed", "call.transferred", "appointment.booked", "lead.created", "x"]))
def test_no_payload_makes_it_raise(data, name):
    assert event_of(name, data).event == name
