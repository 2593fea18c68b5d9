"""What a forked process has of its own in memory, and what it shares with the one that forked it."""

import subprocess
from pathlib import Path

import pytest

from tests.support.processes import children_of, is_ready, started, until
from tests.support.up import UP, child


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="asks /proc, as Linux has it, about memory")
def test_a_forked_process_shares_most_of_its_memory(place):
    with started(*UP, env=place | {"INBOUNDFLOW_SIGNING_SECRET": "a-secret"}, stderr=subprocess.DEVNULL) as up:
        until(lambda: is_ready(int(place["PORT"])), within_s=60, what="the receiver and its worker")
        until(lambda: len(forked(up)) == 4, what="two that serve requests, the dispatcher and the chores")
        own = [own_share(pid) for pid in forked(up)]

    assert max(own) < 0.5


def forked(up):
    return [pid for name in ("web", "worker") for pid in children_of(child(up, name))]


def own_share(pid):
    memory = memory_of(pid)
    return memory["Private_Dirty"] / memory["Rss"]


def memory_of(pid):
    """What the kernel counts for a process, in KiB by the kind."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    return {name.rstrip(":"): int(kib) for name, kib, _ in map(str.split, lines)}
