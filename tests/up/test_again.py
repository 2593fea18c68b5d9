"""Stopped and started at once, again and again, on one port: `AGAIN=200 .venv/bin/pytest tests/up/test_again.py`."""

import os
import socket
import subprocess
from functools import partial

import pytest

from tests.support.processes import is_healthy, started, until

TIMES = int(os.environ.get("AGAIN", "3"))


@pytest.mark.parametrize("command", ["up", "web"])
def test_whoever_starts_at_once_after_a_stop_gets_the_port(place, command):
    env, ends = place | {"INBOUNDFLOW_SIGNING_SECRET": "a-secret-of-ours"}, []
    for _ in range(TIMES):
        with started("-m", "receiver", command, env=env, stderr=subprocess.PIPE, text=True) as process:
            served = partial(is_served, process, int(env["PORT"]))
            until(served, within_s=60, what="the server")
            if process.poll() is None:
                with idle_client(env):
                    process.terminate()
                    process.wait(30)
            code = process.wait()
        ends.append((code, "Cannot listen" in process.stderr.read()))

    assert ends == [(0, False)] * TIMES


def is_served(process, port):
    return is_healthy(port) or process.poll() is not None  # refused


def idle_client(env):
    """A connection that was answered and stays: the kernel keeps its address for a minute after the server's end."""
    sock = socket.create_connection(("127.0.0.1", int(env["PORT"])), timeout=10)
    sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n")
    assert sock.recv(4096).startswith(b"HTTP/1.1 200")
    return sock
