"""Our own receiver passes every conformance check, on SQLite and on Postgres."""

import socket
from contextlib import suppress

import pytest

from mock_sender import conformance
from tests.processes import free_port, started, until

pytestmark = pytest.mark.alone
SECRET = "whsec_conformance"


def answers(port):
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True


def test_the_receiver_passes_every_check_and_each_delivery_is_printed_once(env, tmp_path):
    port, printed = free_port(), tmp_path / "printed"
    ours = env | {"PORT": str(port), "INBOUNDFLOW_SIGNING_SECRET": SECRET, "PYTHONUNBUFFERED": "1"}
    count = f"sh -c 'grep -c \"delivery=$0 \" {printed}'"
    with printed.open("w") as out, started("-m", "receiver", "up", env=ours, stdout=out, stderr=out):
        until(lambda: answers(port), within_s=40)
        report = conformance.run(f"http://127.0.0.1:{port}/webhooks/inboundflow", SECRET, effects=count)

    odd = {
        f"{one.number} {one.slug}": (one.outcome.value, one.says) for one in report.results if one.outcome != "passed"
    }
    assert odd == {"31 previous-secret": ("skipped", "no --previous-secret given")}
    assert report.lives_lost == 0
