import json
import subprocess
import sys

import pytest

from benchmarks.abuse import Round, report
from tests.support.processes import CHECKOUT

pytestmark = pytest.mark.timed


def a_round(**changes):
    usual = {"abuse": "junk", "clients": 1, "sent": 50, "in_time": 50, "slowest_ms": 12.4, "peak_mib": 140.2}
    return Round(**usual | changes)


def test_its_shortest_form_reports_what_a_calm_and_an_abused_receiver_did():
    command = [sys.executable, "-m", "benchmarks.abuse", "--json", "--seconds", "1", "--only", "slow headers"]

    said = subprocess.run(
        [*command, "--clients", "1", "100"], cwd=CHECKOUT, capture_output=True, text=True, check=True, timeout=90
    )

    calm, abused = json.loads(said.stdout)
    assert [(found["abuse"], found["clients"]) for found in (calm, abused)] == [
        ("slow headers", 1),
        ("slow headers", 100),
    ]
    assert all(4 <= found["in_time"] == found["sent"] <= 5 for found in (calm, abused))
    assert all(0 < found["slowest_ms"] < 1000 for found in (calm, abused))  # a client that dawdles keeps nobody waiting
    assert all(60 < found["peak_mib"] < 500 for found in (calm, abused))


def test_an_abuse_stops_holding_at_the_smallest_load_that_kept_a_delivery_waiting():
    rounds = [a_round(), a_round(clients=2, in_time=49), a_round(clients=4, in_time=0), a_round(abuse="silent")]

    rows = report(rounds, 10).splitlines()[4:]

    assert [row.split(" | ")[-1] for row in rows] == ["2 |", "2 |", "2 |", "not seen |"]
    assert rows[1] == "| junk | 2 | 50 | 49 | 12 | 140 | 2 |"
