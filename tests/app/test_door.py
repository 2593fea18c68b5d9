import socket
import sys
import threading
import time

import pytest

from receiver.app.door import is_narrow, narrow, plug
from tests.support.tools import lacking

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="a connection in the last moment is Linux's to keep out"
)


@pytest.fixture(params=[(socket.AF_INET, "127.0.0.1"), (socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")])
def listener(request):
    family, address = request.param
    try:
        listener = socket.create_server((address, 0), family=family)
    except OSError:
        lacking("IPv6")
    with listener:
        yield listener


def connected(listener, *, within_s=0.3):
    """A connection, or None where there was no answer."""
    client = socket.socket(listener.family)
    client.settimeout(within_s)
    try:
        client.connect(listener.getsockname())
    except TimeoutError:
        return None
    return client


def test_a_socket_that_stays_is_not_narrow(listener):
    assert not is_narrow(listener)
    assert [connected(listener) is None for _ in range(3)] == [False] * 3


def test_behind_a_plug_nobody_connects_while_those_who_had_connected_are_answered(listener):
    before = connected(listener)
    narrow(listener)
    accepted, _ = listener.accept()

    assert (is_narrow(listener), plug(listener)) == (True, True)

    assert connected(listener) is None
    before.sendall(b"question")
    assert accepted.recv(100) == b"question"
    accepted.sendall(b"answer")
    assert before.recv(100) == b"answer"


def test_where_somebody_came_first_he_is_to_be_accepted_first(listener):
    narrow(listener)
    before = connected(listener)

    assert not plug(listener)

    _, address = listener.accept()
    assert address == before.getsockname()
    assert plug(listener)


def test_who_was_not_let_in_reaches_the_next_server_on_the_port(listener):
    address, late = listener.getsockname(), []
    narrow(listener)
    assert plug(listener)
    client = threading.Thread(target=lambda: late.append(connected(listener, within_s=5)))
    client.start()
    time.sleep(0.2)
    again = socket.socket(listener.family)
    again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)

    listener.close()
    again.bind(address)
    again.listen()
    accepted, peer = again.accept()
    client.join()

    assert peer == late[0].getsockname()
    accepted.close()
    again.close()
