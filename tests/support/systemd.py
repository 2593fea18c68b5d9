"""What systemd does for a unit of ours, where systemd does not run: it holds the socket, and hands it on."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Mapping, Sequence

from tests.support.processes import kill_group

LISTEN_FDS_START = 3  # sd_listen_fds(3)
WITH_OWN_PID = 'LISTEN_PID=$$ exec "$@"'  # exec keeps the pid, which the new process must find in LISTEN_PID


def bound(port: int) -> socket.socket:
    """What ListenStream=127.0.0.1:PORT makes."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(1024)
    return listener


def activated(
    command: Sequence[str], listener: socket.socket, env: Mapping[str, str], **options
) -> subprocess.Popen[bytes]:
    """The command with the socket as file descriptor 3, in a process group of its own."""
    return subprocess.Popen(
        ["/bin/sh", "-c", WITH_OWN_PID, "sh", *command],
        env={**env, "LISTEN_FDS": "1"},
        preexec_fn=lambda: os.dup2(listener.fileno(), LISTEN_FDS_START),
        close_fds=False,  # Python's own descriptors close at exec; the third must not
        start_new_session=True,
        **options,
    )


def stop(process: subprocess.Popen[bytes], within_s: float = 35) -> None:
    """As KillMode=mixed does: SIGTERM to the main process, SIGKILL to what is left afterwards."""
    process.terminate()
    try:
        process.wait(within_s)
    finally:
        end_group(process)


def end_group(process: subprocess.Popen[bytes]) -> None:
    kill_group(process.pid)
    process.wait()
