"""The short form of the crash matrix, and mistakes that it must find."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from tests.support.postgres import programs
from tests.support.processes import CHECKOUT
from tests.support.tools import lacking

SHORT = (
    "web.keep.before:it", "web.keep.after:all", "dispatcher.push.after:redis", "helper.finish.before:it",
    "slack.done:worker", "sheets.done:worker", "clock+3600:all", "odd:segfault",
)  # fmt: skip


def start(directory, *arguments):
    # its own home for what it starts: a socket's path may have 107 bytes only
    command = [sys.executable, "-m", "benchmarks.crash_matrix", "--json", "--directory", str(directory), *arguments]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("SLACK_", "HUBSPOT_", "GOOGLE_"))}
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=CHECKOUT, env=environment
    )


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_nothing_is_lost_and_nothing_doubled_whatever_is_killed(tmp_path, database):
    if database == "postgres" and not programs():
        lacking("the programs of a Postgres server")
    if not shutil.which("cc"):
        lacking("a C compiler, for the clock")
    rounds = str(len(SHORT))
    ran = start(tmp_path, "--database", database, "--rounds", rounds, "--lanes", rounds, "--only", *SHORT)

    said, progress = ran.communicate(timeout=400)

    assert ran.returncode == 0, progress
    found = json.loads(said)
    assert sorted(one["label"] for one in found) == sorted(SHORT)
    assert sum(one["acked"] for one in found) >= 9 * len(SHORT)
    assert [one["lost"] for one in found] == [0] * len(SHORT)
    assert {count for one in found for count in one["doubled"].values()} == {0}
    (tmp_path / "rounds.json").write_text(said)
    tables, _ = start(tmp_path, "--database", database, "--tables", tmp_path / "rounds.json").communicate(timeout=60)
    assert f"| **all** |  | {rounds} | {sum(one['acked'] for one in found)} |" in tables
    assert f"{rounds} rounds on {database}, 6 receivers side by side" in tables


MISTAKES = [
    # mistake             where it shows                   as
    ("acknowledge-early", "web.keep.before:it",            "lost"),
    ("never-ask",         "slack.done:worker",             "doubled"),
    ("never-ask",         "sheets.done:worker",            "doubled"),
    ("forget-the-lost",   "child.claim.after:it",          "lost"),  # no call was made that may act all the same
]  # fmt: skip


def test_a_receiver_with_a_mistake_does_not_pass(tmp_path):
    runs = [
        (start(tmp_path / str(n), "--rounds", "1", "--lanes", "1", "--bug", bug, "--only", where), bug, as_)
        for n, (bug, where, as_) in enumerate(MISTAKES)
    ]

    for ran, bug, as_ in runs:
        said, progress = ran.communicate(timeout=400)
        [found] = json.loads(said)
        bad = found["lost"] if as_ == "lost" else sum(found["doubled"].values())
        assert (ran.returncode, bad > 0, found["trouble"]) == (1, True, ""), f"{bug}: {progress}"
