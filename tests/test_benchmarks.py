import os

import pytest

from benchmarks import load
from mock_sender.sign import sign

pytestmark = pytest.mark.timed


def test_the_last_line_of_the_load_is_read_as_acknowledgements_and_milliseconds():
    said = "Running 8s test\n  Latency   1.00ms\nRESULT 1000 2000000 10 3 12500 99000 250000\n"

    assert load.read(said) == load.Result(
        acks=990, acks_per_s=495.0, failed=13, p50_ms=12.5, p99_ms=99.0, max_ms=250.0
    )  # fmt: skip


def test_the_prepared_deliveries_are_signed_and_all_different(tmp_path):
    load.prepare(tmp_path / "load", "s3cret", 0.01)

    lines = [line for name in os.listdir(tmp_path) for line in (tmp_path / name).read_bytes().splitlines()]
    parts = [line.split(b" ", 2) for line in lines]
    assert len({body for _, _, body in parts}) == len(lines) == 90
    assert all(sign("s3cret", int(at), body).encode() == signature for at, signature, body in parts)
