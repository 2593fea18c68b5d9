"""The receiver's command line at a terminal of a certain width."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios

from tests.support.processes import CHECKOUT


def at_terminal(*arguments, columns, **env):
    """What is shown, line by line."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **env}
    command = [sys.executable, "-m", "receiver", *arguments]
    with subprocess.Popen(command, env=env, cwd=CHECKOUT, stdout=theirs, stderr=theirs):
        os.close(theirs)
        return all_of(ours).decode().splitlines()


def all_of(terminal):
    """What is written to it until nobody has it open any more, which Linux tells as an error."""
    text = b""
    with contextlib.suppress(OSError):
        while piece := os.read(terminal, 65536):
            text += piece
    os.close(terminal)
    return text
