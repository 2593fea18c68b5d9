"""The receiver of this project, run by `receiver up`; its effects are what its console handler prints."""

import urllib.error
import urllib.request
from contextlib import contextmanager
from types import SimpleNamespace

from tests.receivers.judging import PREVIOUS, SECRET
from tests.support.processes import free_port, started, until


@contextmanager
def ours(folder, database_url=""):
    port, printed = free_port(), folder / "printed"
    url = f"http://127.0.0.1:{port}/webhooks/inboundflow"
    env = {
        "DATA_DIR": str(folder),
        "DATABASE_URL": database_url,
        "PORT": str(port),
        "INBOUNDFLOW_SIGNING_SECRET": SECRET,
        "INBOUNDFLOW_SIGNING_SECRET_PREVIOUS": PREVIOUS,
        "PYTHONUNBUFFERED": "1",
    }
    count = f"sh -c 'grep -c \"delivery=$0 \" {printed}'"
    with printed.open("w") as out, started("-m", "receiver", "up", env=env, stdout=out, stderr=out):
        until(lambda: answers(url), within_s=60, what="the receiver")
        yield SimpleNamespace(url=url, effects_url=count)


def answers(url):
    """Listening is not enough: gunicorn does that before its workers can answer."""
    try:
        urllib.request.urlopen(url, timeout=20).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True
