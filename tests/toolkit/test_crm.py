import pytest

from receiver.registry import Earlier
from receiver.toolkit.crm import KEY_CHARS, booking_key, crm_key
from tests.support.tools import booked, completed

FIRST, SECOND = booked("d-1", calendar_event_id="first"), booked("d-2", calendar_event_id="second")
FIRST_AGAIN = booked("d-3", calendar_event_id="first")
CALL = Earlier(event=completed("d-0"), outcome="call 1, person 1")

BOOKINGS = [
    # the event     what came before, with its outcome                                  is another booking
    (FIRST,         [],                                                                 False),
    (FIRST,         [CALL],                                                             False),
    (SECOND,        [CALL, (FIRST, "booking 1, person 1")],                             True),
    (FIRST_AGAIN,   [(FIRST, "booking 1"), (SECOND, "another booking 2")],              False),
    (FIRST,         [(SECOND, "another booking 2")],                                    False),  # replayed
    (SECOND,        [(FIRST, "booking 1"), (booked("d-4", calendar_event_id="second"), "another booking 2")], True),
]  # fmt: skip


@pytest.mark.parametrize(("event", "before", "is_another"), BOOKINGS)
def test_the_first_booking_of_a_call_has_the_calls_key_and_another_one_its_own(event, before, is_another):
    earlier = [each if isinstance(each, Earlier) else Earlier(event=each[0], outcome=each[1]) for each in before]

    word, key = booking_key("call-1", event, earlier)

    assert (word, key) == (("another ", f"call-1#{event.calendar_event_id}") if is_another else ("", "call-1"))


@pytest.mark.parametrize("key", ["call-1", "x" * KEY_CHARS, "llamada número 1"])
def test_a_key_that_every_crm_takes_stays_as_it_is(key):
    assert crm_key(key) == key


@pytest.mark.parametrize(
    ("key", "other"),
    [
        ("x" * 201, "x" * 202),
        ("call\x00-1", "call-1\x00"),
        (" call-1", "call-1 "),
        ("call.json", "call.JSON"),
        ("\ud800", "\ud801"),
    ],
)
def test_a_key_that_is_shortened_or_cleaned_still_tells_two_apart(key, other):
    made = crm_key(key)

    assert (len(made) <= KEY_CHARS, made.isprintable(), made == crm_key(key)) == (True, True, True)
    assert made not in (key, crm_key(other))
