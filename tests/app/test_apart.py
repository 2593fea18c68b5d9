import threading
import time
from types import SimpleNamespace

import pytest
from flask import request

from receiver import settings
from receiver.app.apart import INLINE_BYTES, LargeApart, look_apart, thread
from receiver.app.build import create_app
from receiver.errors import NotStored, SignatureMismatch


class Verifier:
    """Says in which thread it was asked."""

    def __init__(self, begin=None):
        self.begin = begin

    def read(self, headers, body):
        if self.begin:
            self.begin()
        return threading.current_thread()


@pytest.fixture
def request_of(app_env):
    with create_app(settings.read(app_env)).test_request_context():
        yield


@pytest.mark.parametrize(
    ("headers", "size", "apart"),
    [({}, INLINE_BYTES, False), ({}, INLINE_BYTES + 1, True), ({"Content-Encoding": "gzip"}, 1, True)],
)
def test_what_takes_long_to_verify_is_verified_in_another_thread(request_of, headers, size, apart):
    found = LargeApart(Verifier(), thread(None)).read(headers, bytes(size))

    assert (found is not threading.current_thread()) == apart


def test_a_rejection_comes_back_from_there(request_of):
    def refuse():
        raise SignatureMismatch

    with pytest.raises(SignatureMismatch):
        LargeApart(Verifier(refuse), thread(None)).read({}, bytes(INLINE_BYTES + 1))


def test_a_body_that_is_not_verified_in_time_is_to_be_sent_again(request_of):
    request.environ["gunicorn.socket"] = SimpleNamespace(began=time.monotonic() - 60)

    with pytest.raises(NotStored):
        LargeApart(Verifier(lambda: time.sleep(2)), thread(None)).read({}, bytes(INLINE_BYTES + 1))


def test_checks_that_hang_are_degraded_and_the_next_look_does_not_hang_with_them():
    apart, end = thread(None), threading.Event()

    found = [look_apart(apart, lambda: end.wait(10) and {}, 0.1) for _ in range(2)]

    end.set()
    assert [list(one) for one in found] == [["checks"]] * 2
