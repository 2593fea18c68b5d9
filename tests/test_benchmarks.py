import os
import time

import httpx
import pytest

from benchmarks import arrivals, load, runs
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


def test_a_target_notes_when_each_delivery_arrived_and_takes_its_time_for_the_answer():
    target, began = arrivals.Target(50), time.monotonic()

    httpx.post(f"http://{target.place}/", content=b"{}", headers={"X-InboundFlow-Delivery-Id": "a"})
    took_s = time.monotonic() - began
    target.server.shutdown()

    assert began <= target.arrived["a"] <= began + took_s - 0.05


def test_arrivals_are_told_as_a_row_of_milliseconds():
    late_ms = [float(n) for n in range(1, 101)]
    figures = arrivals.Figures(takes_ms=50, deliveries=102, missing=2, late_ms=late_ms)

    assert figures.row() == "| 50 ms | 102 | 50 ms | 100 ms | 100 ms | 2 |"


def test_runs_per_second_are_told_with_the_ratio_of_the_same_round():
    ours, plain = ([runs.Round(per_s=per_s, cpu_us=300) for per_s in each] for each in ((900, 800), (300, 200)))

    assert runs.row("ours", ours, plain) == "| ours | 850 | 300 us | 3.50 |"
