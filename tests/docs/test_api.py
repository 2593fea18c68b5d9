"""What docs/api.md shows is run against a receiver, as it stands there."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest

from receiver import settings, store
from receiver.operations import add_token
from tests.api.test_stream import Site
from tests.operations.test_feed import keep
from tests.support.processes import CHECKOUT, until
from tests.support.tools import lacking
from tests.support.web import SERVE, serving

RUN = re.compile(r"<!-- run by tests/docs/test_api.py -->\n```(\w+)\n(.*?)```", re.DOTALL)
BLOCKS = dict(RUN.findall((CHECKOUT / "docs" / "api.md").read_text()))


@pytest.fixture
def site(app_env):
    db = store.connect(settings.read(app_env))
    store.migrate(db)
    token = add_token(db, "a reader")
    with serving(SERVE, app_env) as port:
        site = Site(port, db, token)
        site.env = {**os.environ, "RECEIVER": f"http://127.0.0.1:{port}", "TOKEN": token}
        until(site.answers, what="the API")
        yield site
    db.close()


def test_the_request_of_the_page(site):
    if shutil.which("curl") is None:
        lacking("curl")
    keep(site.db, "d-1", "d-2", "d-3", source="")

    ran = subprocess.run(["sh", "-c", BLOCKS["sh"]], env=site.env, capture_output=True, text=True)

    page = json.loads(ran.stdout)
    assert ([delivery["id"] for delivery in page["deliveries"]], page["has_more"]) == (["d-1", "d-2"], True)


def test_the_program_of_the_page_reads_each_delivery_once(site, tmp_path):
    def ran():
        script = [sys.executable, "-c", BLOCKS["python"]]
        ran = subprocess.run(script, env=site.env, cwd=tmp_path, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
        return [line.split()[-1] for line in ran.stdout.splitlines()]

    first = ran()
    keep(site.db, *(f"d{n}" for n in range(60)), source="")
    second = ran()
    keep(site.db, "last", source="")

    assert (first, second, ran(), ran()) == ([], [f"d{n}" for n in range(60)], ["last"], [])
    assert len(BLOCKS["python"].splitlines()) <= 10
