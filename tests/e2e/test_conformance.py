"""Our own receiver passes every conformance check, on SQLite and on Postgres."""

import urllib.error
import urllib.request

import pytest

from mock_sender import conformance
from tests.processes import free_port, started, until

pytestmark = pytest.mark.alone
SECRET, PREVIOUS = "whsec_conformance", "whsec_before_that"


def answers(url):
    """Listening is not enough: gunicorn does that before its workers can answer."""
    try:
        urllib.request.urlopen(url, timeout=20).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def test_the_receiver_passes_every_check_and_each_delivery_is_printed_once(env, tmp_path):
    port, printed = free_port(), tmp_path / "printed"
    url = f"http://127.0.0.1:{port}/webhooks/inboundflow"
    ours = env | {
        "PORT": str(port),
        "INBOUNDFLOW_SIGNING_SECRET": SECRET,
        "INBOUNDFLOW_SIGNING_SECRET_PREVIOUS": PREVIOUS,
        "PYTHONUNBUFFERED": "1",
    }
    count = f"sh -c 'grep -c \"delivery=$0 \" {printed}'"
    with printed.open("w") as out, started("-m", "receiver", "up", env=ours, stdout=out, stderr=out):
        until(lambda: answers(url), within_s=60)
        report = conformance.run(url, SECRET, previous_secret=PREVIOUS, effects=count)

    odd = {
        f"{one.number} {one.slug}": (one.outcome.value, one.says) for one in report.results if one.outcome != "passed"
    }
    assert odd == {}
    assert report.lives_lost == 0
