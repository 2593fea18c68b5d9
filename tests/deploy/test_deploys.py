"""The short form of the deploys under traffic."""

import json
import subprocess
import sys

import pytest

from benchmarks.deploys.kinds import KINDS
from benchmarks.deploys.traffic import Seen, tally
from tests.support.processes import CHECKOUT
from tests.support.tools import lacking

pytestmark = pytest.mark.timed

DEPLOYS = 3


def seen(*rows):
    return [
        Seen(key=str(n), began_s=began, took_s=took, failure=failure) for n, (began, took, failure) in enumerate(rows)
    ]


def a_run(kind, tmp_path):
    command = [sys.executable, "-m", "benchmarks.deploys", "--json", "--deploys", str(DEPLOYS), "--only", kind]
    ran = subprocess.run([*command, "--directory", tmp_path], cwd=CHECKOUT, capture_output=True, text=True, timeout=300)
    found = json.loads(ran.stdout)
    if not found:
        lacking("caddy (on Debian: apt install caddy)")
    return found[0]


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS if kind.promises_none])
def test_where_no_delivery_need_fail_none_does(kind, tmp_path):
    found = a_run(kind, tmp_path)

    assert (found["failed"], found["lost"], found["reasons"]) == (0, 0, {})
    assert found["sent"] > 10 * DEPLOYS


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS if not kind.promises_none])
def test_elsewhere_none_that_was_acknowledged_is_lost_at_least(kind, tmp_path):
    found = a_run(kind, tmp_path)

    assert found["lost"] == 0
    assert found["sent"] > found["failed"]
    assert found["failed"] > 0 or kind != "bare"


def test_what_is_told_is_counted_as_the_sender_counts():
    rows = seen((0, 1, ""), (1, 1, "502"), (1.5, 0.1, "502"), (3, 0.1, "refused"), (4, 2, ""), (5, 9, "no answer"))

    found = tally("any", 1, rows, kept={"0"})

    assert (found.sent, found.failed, found.in_a_row, found.without_s) == (6, 4, 3, 3)
    assert (found.slowest_s, found.lost) == (2, 1)
    assert found.reasons == {"502": 2, "refused": 1, "no answer": 1}
