"""How the dispatcher hears, beside a file, that there is something to do: a unix socket of datagrams."""

from __future__ import annotations

import contextlib
import os
import socket
from multiprocessing.connection import wait as ready  # select takes no descriptor above 1023
from pathlib import Path

NUDGES = "dispatch.sock"  # beside the file, as whoever writes it is on this machine


class Datagrams:
    """The socket belongs to whoever was there first; a second worker looks every second, and has it after the first.

    It would otherwise take the nudges away from the one that leads, and leave none behind when it ends.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sock = new_socket()
        self.file: os.stat_result | None = None  # of the socket, once it is at the path
        self.take_place()

    def wait(self, timeout_s: float) -> bool:
        self.take_place()
        readable = ready([self.sock], timeout_s)
        with contextlib.suppress(BlockingIOError):
            while readable and self.sock.recv(64) is not None:
                pass
        return bool(readable)

    def take_place(self) -> None:
        """Be at the path, unless somebody else listens there."""
        if self.is_in_place() or somebody_listens(self.path):
            return
        self.sock.close()
        self.sock = new_socket()
        with contextlib.suppress(OSError):  # a path over 107 bytes: then nobody nudges, and we look every second
            self.path.unlink(missing_ok=True)
            self.sock.bind(str(self.path))
            self.file = os.stat(self.path)

    def is_in_place(self) -> bool:
        with contextlib.suppress(OSError):
            return self.file is not None and os.path.samestat(os.stat(self.path), self.file)
        return False

    def close(self) -> None:
        if self.is_in_place():
            self.path.unlink(missing_ok=True)
        self.sock.close()


def new_socket() -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sock.setblocking(False)
    return sock


def is_worked_on(path: Path) -> bool:
    """Whether a worker runs that has, or had, this file."""
    return somebody_listens(path.with_name(NUDGES))


def somebody_listens(path: Path) -> bool:
    """Also where its queue is full; a socket whose process is gone refuses."""
    with new_socket() as probe:
        try:
            probe.connect(str(path))
        except BlockingIOError:
            return True
        except OSError:
            return False
        return True
