import pytest

from receiver.events import Delivery
from receiver.inbox import Penned, empty, penned, take_in
from receiver.inbox.pen import KEPT, KEPT_US, write_pen


def a_request(received_us, body=b"\x00\xff"):
    return Penned(received_us=received_us, reason="signature-mismatch", headers={"User-Agent": "é"}, body=body)


@pytest.fixture
def fill(db):
    def fill(*requests, source=""):
        db.commit(lambda tx: write_pen(tx, source, requests))

    return fill


def test_the_oldest_make_room_within_their_source(db, fill):
    now_us = db.now_us()

    fill(a_request(now_us - KEPT_US // 2), source="garage")
    fill(*[a_request(now_us - number) for number in range(KEPT + 7)])

    times = [request.received_us for request in penned(db, "")]
    assert times == [now_us - number for number in range(KEPT)]
    assert [request.source for request in penned(db)] == [""] * KEPT + ["garage"]


@pytest.mark.parametrize(
    ("age_us", "stays"), [(KEPT_US - 60_000_000, True), (KEPT_US + 1, False), (-KEPT_US * 2, False)]
)
def test_after_a_week_a_request_is_deleted(db, fill, age_us, stays):
    fill(a_request(db.now_us() - age_us))
    db.commit(lambda tx: empty(tx, db.now_us()))

    assert len(penned(db)) == int(stays)


def test_it_comes_out_as_it_went_in(db, fill):
    request = a_request(db.now_us())

    fill(request)

    [out] = penned(db)
    assert (out.received_us, out.reason, out.headers, out.body) == (
        request.received_us, request.reason, request.headers, request.body,
    )  # fmt: skip


def test_two_who_take_it_in_take_it_in_once(db, fill):
    fill(a_request(db.now_us()))
    [request] = penned(db)
    delivery = Delivery(key="d-1", body=b"{}", received_us=1)

    results = [db.commit(lambda tx: take_in(tx, request, delivery)) for _ in range(2)]

    assert (results, penned(db)) == (["stored", ""], [])
