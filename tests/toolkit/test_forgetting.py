"""Which of a CRM's things an outcome names, and which there may be where no outcome is known."""

import pytest

from receiver.errors import GiveUp
from receiver.events import Delivery, read_event
from receiver.registry import Earlier
from receiver.testing import a_run
from receiver.toolkit import forget_in_crm
from tests.support.tools import a_delivery, booked, completed, lead, transferred


class Crm:
    def __init__(self):
        self.deleted = []

    def delete(self, kind, id, key):
        self.deleted.append((kind, id, key))


def forget(event, outcome, earlier=()):
    crm = Crm()
    run = a_run(a_delivery(event.event).body, {}, earlier=earlier)
    return crm.deleted, forget_in_crm(crm, event, run, outcome)


OUTCOMES = [
    # of         outcome                                                  deletes                             stays
    (completed(),   "call 7, person 1",                                   [("call", "7", "call-1")],          "person 1"),
    (completed(),   "call 7 without a, b (X), person 1, without c (Y)",   [("call", "7", "call-1")],          "person 1"),
    (transferred(), "call 7, on no person: refused",                      [("call", "7", "call-1")],          ""),
    (booked(),      "booking 8, person 1",                                [("booking", "8", "call-1")],       "person 1"),
    (booked(),      "booking 9 as a note, person 1",                      [("note", "9", "booking:call-1")],  "person 1"),
    (lead(),        "note 9, person 1",                                   [("note", "9", "lead:call-1")],     "person 1"),
    (lead(),        "person 1",                                           [],                                 "person 1"),
    (lead(),        "nothing kept, on no person: withheld",               [],                                 ""),
    (completed(),   "",                                                   [("call", "", "call-1")],           ""),
    (booked(),      "",   [("booking", "", "call-1"), ("note", "", "booking:call-1")],                        ""),
    (lead(),        "",                                                   [("note", "", "lead:call-1")],      ""),
]  # fmt: skip


@pytest.mark.parametrize(("event", "outcome", "deleted", "stays"), OUTCOMES)
def test_what_was_made_is_deleted_and_the_person_is_named(event, outcome, deleted, stays):
    assert forget(event, outcome) == (deleted, stays)


def test_a_second_booking_of_a_call_has_a_key_of_its_own():
    first, second = booked("d-1", calendar_event_id="e-1"), booked("d-2", calendar_event_id="e-2")
    done = [Earlier(event=first, outcome="booking 7, person 1")]

    [(kind, id, key)], _ = forget(second, "another booking 8, person 1", earlier=done)

    assert (kind, id, key.startswith("call-1#")) == ("booking", "8", True)


def test_of_an_erased_delivery_the_id_alone_is_known():
    bare = read_event(Delivery(key="d-1", event="call.completed", body=b"", received_us=1))

    assert forget(bare, "call 7, person 1") == ([("call", "7", "")], "person 1")
    assert forget(bare, "") == ([], "")


def test_an_id_that_was_hidden_is_none():
    with pytest.raises(GiveUp, match="hidden"):
        forget(completed(), "call …, person 1")
