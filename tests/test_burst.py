"""The short form of the burst against the destinations' limits."""

import json
import subprocess
import sys

import pytest

from tests.support.processes import CHECKOUT

pytestmark = pytest.mark.timed

DELIVERIES = 12


def test_a_burst_arrives_whole_and_once(tmp_path):
    """How close to the limits it came is for the long form to say: on a busy machine the first call may be late."""
    command = [sys.executable, "-m", "benchmarks.burst", "--deliveries", str(DELIVERIES), "--within", "120"]

    ran = subprocess.run(
        [*command, "--json", "--directory", str(tmp_path)], cwd=CHECKOUT, capture_output=True, text=True, timeout=240
    )

    assert ran.stdout, ran.stderr
    found = {one["destination"]: one for one in json.loads(ran.stdout)["destinations"]}
    assert [one["refused"] for one in found.values()] == [0, 0, 0]
    assert {name: (one["there"], one["doubled"]) for name, one in found.items()} == dict.fromkeys(
        ("slack", "sheets", "hubspot"), (DELIVERIES, 0)
    )
