import socket
import sys

import pytest

from receiver.app.arbiter import admit_nobody


def connected(port):
    """A connection, or None where there was no answer."""
    try:
        return socket.create_connection(("127.0.0.1", port), timeout=0.5)
    except TimeoutError:
        return None


@pytest.mark.skipif(sys.platform != "linux", reason="the socket filter is Linux's")
def test_nobody_new_connects_while_those_who_had_connected_are_answered():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        before = connected(port)

        admit_nobody(listener)

        assert connected(port) is None
        accepted, _ = listener.accept()
        before.sendall(b"question")
        assert accepted.recv(100) == b"question"
        accepted.sendall(b"answer")
        assert before.recv(100) == b"answer"
