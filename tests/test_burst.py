"""The short form of the burst against the destinations' limits."""

import json
import subprocess
import sys

from tests.processes import CHECKOUT

DELIVERIES = 12


def test_a_burst_arrives_whole_and_within_the_limits(tmp_path):
    command = [sys.executable, "-m", "benchmarks.burst", "--deliveries", str(DELIVERIES), "--within", "120"]

    ran = subprocess.run(
        [*command, "--json", "--directory", str(tmp_path)], cwd=CHECKOUT, capture_output=True, text=True, timeout=240
    )

    found = {one["destination"]: one for one in json.loads(ran.stdout)["destinations"]}
    assert ran.returncode == 0, ran.stderr
    assert {name: (one["there"], one["doubled"]) for name, one in found.items()} == dict.fromkeys(
        ("slack", "sheets", "hubspot"), (DELIVERIES, 0)
    )
