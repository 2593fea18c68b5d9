"""The end of a listening socket that nobody takes over: who connects is answered, and who comes later is not let in.

A connection that is made and never accepted is reset when the socket closes, and the sender takes that for a failure.
One that is not made is tried again by the sender's system after a second, and by then reaches the next server on this
port, or is refused. Nothing in here needs a privilege. Elsewhere than on Linux nothing happens: there a connection
that is made in the last moment may be reset.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import sys

LENGTHS = struct.Struct("II")  # of a listening socket, in tcp_info: how many wait to be accepted, and how many may
LENGTHS_AT = 24
PLUG_S = 0.05  # on this machine a connection takes a fraction of a millisecond, or is not let in


def narrow(listener: socket.socket) -> None:
    """From now on no more than one connection waits to be accepted, as the socket will be closed."""
    if sys.platform == "linux":
        listener.listen(0)


def is_narrow(listener: socket.socket) -> bool:
    if sys.platform != "linux":
        return False
    with contextlib.suppress(OSError):  # a unix socket
        _, most = LENGTHS.unpack_from(listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104), LENGTHS_AT)
        return bool(most == 0)
    return False


def plug(listener: socket.socket) -> bool:
    """Take the only place in a narrow queue, so that nobody comes in; False where somebody has it already."""
    with socket.socket(listener.family) as ours, contextlib.suppress(OSError):
        ours.settimeout(PLUG_S)
        ours.connect(listener.getsockname())
        return True
    return False
