"""gunicorn's arbiter, whose end refuses and resets nobody that it need not."""

from __future__ import annotations

import contextlib
import ctypes
import signal
import socket
import struct
import sys

from gunicorn.arbiter import Arbiter

from .patience import ENDS

SO_ATTACH_FILTER = 26  # Linux, socket(7); Python has no name for it
DROP_SYN = (  # socket filter instructions: code, skip if true, skip if false, operand
    (0x30, 0, 0, 13),  # load the byte with TCP's flags
    (0x54, 0, 0, 0x12),  # keep SYN and ACK
    (0x15, 0, 1, 0x02),  # SYN alone?
    (0x06, 0, 0, 0),  # then drop the packet
    (0x06, 0, 0, 0xFFFF),  # else let it through
)


def admit_nobody(listener: socket.socket) -> None:
    """From now on nobody new connects: a SYN stays without answer, and the client asks again after a second.

    By then it is refused, or reaches the next server on the same port. Elsewhere than on Linux nothing happens: there
    a connection that is made in the last moment may be reset.
    """
    if sys.platform != "linux":
        return
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in DROP_SYN))
    packed = struct.pack("HP", len(DROP_SYN), ctypes.addressof(program))
    with contextlib.suppress(OSError):
        listener.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, packed)


class GentleArbiter(Arbiter):  # type: ignore[misc]
    """Ctrl-C ends it as SIGTERM does: what has arrived is answered. A second one ends it at once."""

    handle_int = Arbiter.handle_term

    def stop(self, graceful: bool = True) -> None:
        """The socket closes for good, unless it was inherited: who connects after the last look would be reset."""
        inherited = self.systemd or any(isinstance(address, int) for address in self.cfg.address)
        for listener in () if inherited else self.LISTENERS:
            admit_nobody(listener.sock)
        super().stop(graceful)

    def spawn_worker(self) -> int:
        """Between the fork and its own handlers a worker would take a signal in its parent's stead, and live on."""
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)
        try:
            return int(super().spawn_worker())
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)
