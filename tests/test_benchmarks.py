import asyncio
import contextlib
import http.server
import json
import math
import os
import shutil
import subprocess
import sys
import threading
import time

import httpx
import pytest

from benchmarks import arrivals, load, open_loop, runs
from benchmarks.contenders import contenders, missing, n8n_webhook
from benchmarks.places import slow_disk
from mock_sender.sign import sign
from tests.receivers import n8n
from tests.support.postgres import programs
from tests.support.processes import CHECKOUT
from tests.support.tools import lacking

pytestmark = pytest.mark.timed


def ran(module, *arguments):
    """What it printed, once it has succeeded."""
    command = [sys.executable, "-m", module, *arguments]
    said = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=300)
    assert said.returncode == 0, said.stderr
    return said


def need_wrk():
    if not shutil.which("wrk"):
        lacking("wrk (on Debian: apt install wrk)")


def need_postgres():
    if programs() is None:
        lacking("the programs of a Postgres server (on Debian: apt install postgresql)")


def test_the_last_line_of_the_load_is_read_as_acknowledgements_and_milliseconds():
    said = "Running 8s test\n  Latency   1.00ms\nRESULT 1000 2000000 10 3 12500 99000 250000\n"

    assert load.read(said) == load.Result(
        acks=990, acks_per_s=495.0, failed=13, p50_ms=12.5, p99_ms=99.0, max_ms=250.0
    )  # fmt: skip


def test_the_prepared_deliveries_are_signed_and_each_is_of_a_call_of_its_own(tmp_path):
    load.prepare(tmp_path / "load", "s3cret", 0.01)

    lines = [line for name in os.listdir(tmp_path) for line in (tmp_path / name).read_bytes().splitlines()]
    parts = [line.split(b" ", 2) for line in lines]
    assert len({json.loads(body)["delivery_id"] for _, _, body in parts}) == len(lines) == 90
    assert len({json.loads(body)["data"]["call_id"] for _, _, body in parts}) == 90
    assert all(sign("s3cret", int(at), body).encode() == signature for at, signature, body in parts)


def test_its_shortest_form_counts_what_each_contender_in_python_acknowledged():
    need_wrk()
    names = ["ours", "ours, storing nothing", "Flask", "Flask, RQ in the request", "FastAPI, uvicorn"]

    said = ran(
        "benchmarks", "--json", "--rounds", "1", "--seconds", "1", "--slow-fsync-ms", "0", "--only", *names
    )  # fmt: skip

    found = json.loads(said.stdout)["disks"]["0"]
    assert list(found) == names
    assert all(result["acks"] > 0 == result["failed"] for [result] in found.values())
    assert [name for name, [result] in found.items() if not result["stored"]] == ["ours, storing nothing"]


def test_n8n_is_left_out_where_it_is_not_installed(monkeypatch, tmp_path):
    need_wrk()
    monkeypatch.setenv("N8N_DIR", str(tmp_path))

    said = ran("benchmarks", "--only", "n8n", "--slow-fsync-ms", "0")

    assert said.stdout.splitlines()[-2] == (
        "| n8n | n8n is not installed: python -m tests.receivers.n8n does it (2.7 GB) |"
    )


@pytest.mark.skipif(not n8n.is_installed(), reason="n8n is 2.7 GB: python -m tests.receivers.n8n installs it")
def test_what_n8n_acknowledged_is_among_its_executions():
    said = ran("benchmarks", "--json", "--rounds", "1", "--seconds", "2", "--slow-fsync-ms", "0", "--only", "n8n")

    [result] = json.loads(said.stdout)["disks"]["0"]["n8n"]
    assert 0 < result["stored"] >= result["acks"]


def test_n8n_serves_once_its_webhook_takes_a_post_and_is_not_sent_one_to_find_out():
    asked = []

    class Server(http.server.BaseHTTPRequestHandler):
        def do_OPTIONS(self):
            asked.append((self.path, self.headers["Origin"]))
            self.send_response(204)
            self.send_header("Access-Control-Allow-Methods", "OPTIONS, POST" if len(asked) > 1 else "OPTIONS")
            self.end_headers()

    with http.server.HTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        found = [n8n_webhook.serves(server.server_port) for _ in range(2)]
        server.shutdown()

    assert found == [False, True]
    assert asked == [("/webhook/inboundflow", "http://127.0.0.1")] * 2


@pytest.mark.parametrize(
    "module", [["benchmarks"], ["benchmarks.many"], ["benchmarks.groups"], ["benchmarks.cpu", "."]]
)
def test_without_wrk_it_says_what_to_install(module):
    command = [sys.executable, "-m", *module]

    said = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, env={**os.environ, "PATH": "/nowhere"})

    assert said.returncode == 1
    assert said.stderr == "The load comes from wrk, which is not installed (Debian and Ubuntu: apt install wrk).\n"


def test_the_processor_time_of_two_checkouts_is_compared_by_kind_of_process():
    need_wrk()
    said = ran("benchmarks.cpu", str(CHECKOUT), "--up", "--rounds", "1", "--seconds", "1")

    row = said.stdout.splitlines()[-1]
    assert all(f"{kind} " in row for kind in ("dispatcher", "handler", "redis", "web"))
    assert row.split(" | ")[3:] == ["1.00", row.split(" | ")[4], "1.00 |"]


def test_on_the_slow_disk_each_fsync_takes_longer(tmp_path):
    if not shutil.which("cc"):
        lacking("a C compiler, for the slow disk")
    program = "import os, sys, time; f = os.open(sys.argv[1], 66); b = time.monotonic(); os.fdatasync(f); os.fsync(f)"
    command = [sys.executable, "-c", program + "; print(time.monotonic() - b)", str(tmp_path / "file")]

    said = subprocess.run(command, env={**os.environ, **slow_disk(100)}, capture_output=True, text=True, check=True)

    assert float(said.stdout) >= 0.2


def test_what_cannot_run_here_says_why(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")

    reasons = {contender.name: missing(contender) for contender in contenders()}

    assert reasons["ours"] == reasons["Flask"] == ""
    assert reasons["Fastify"] == "Node.js is not installed"
    assert "apt install webhook" in reasons["Debian's webhook"]


def test_the_open_loop_counts_from_when_a_delivery_was_due():
    said = ran("benchmarks.open_loop", "--json", "--seconds", "2", "--per-s", "50")

    found = json.loads(said.stdout)
    assert (found["sent"], found["failed"]) == (100, 0)
    assert 0 < found["p50_ms"] <= found["p99_ms"] <= found["p999_ms"] <= found["max_ms"]


def test_so_many_are_sent_at_once():
    said = ran("benchmarks.open_loop", "--at-once", "50")

    assert said.stdout.startswith("ours: 50 deliveries at once, 0 failed; ")


def measured(per_s, number, *, stall_s):
    async def against_a_server():
        server = await asyncio.start_server(slow_once(stall_s), "127.0.0.1", 0)
        async with server:
            return await open_loop.steadily("/", server.sockets[0].getsockname()[1], per_s, number)

    return asyncio.run(against_a_server())


def test_a_stall_of_the_receiver_delays_all_that_was_due_in_it():
    found = measured(100, 100, stall_s=0.7)

    assert found.failed == 0
    assert found.max_ms >= 690
    assert found.p50_ms >= 100  # most of the second's deliveries were due while nothing was answered


def test_what_is_sent_at_once_is_all_due_at_the_begin():
    found = measured(math.inf, 100, stall_s=0.7)

    assert found.failed == 0
    assert found.p50_ms >= 650


def slow_once(stall_s):
    """Answers 200 to all; of the connections together it answers nothing before `stall_s` seconds are over."""
    began = time.monotonic()

    async def serve(reader, writer):
        with contextlib.suppress(EOFError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                await reader.readexactly(int(open_loop.LENGTH.search(head)[1]))
                await asyncio.sleep(max(0, began + stall_s - time.monotonic()))
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        writer.close()

    return serve


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_the_growth_of_an_inbox_is_measured_in_each_database(database):
    if database == "postgres":
        need_postgres()

    said = ran("benchmarks.growth", "--deliveries", "100", "--rounds", "1", "--database", database)

    assert [line.split()[0] for line in said.stdout.splitlines()] == ["insert", "repeat", "dispatch"]
    assert "100 deliveries, 3 runs each" in said.stderr


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_the_pages_of_the_dashboard_are_measured_in_each_database(database):
    if database == "postgres":
        need_postgres()

    said = ran(
        "benchmarks.pages", "--deliveries", "400", "--rounds", "2", "--database", database, "--limit-ms", "60000"
    )

    assert "400 deliveries on" in said.stdout
    assert said.stdout.count("\n| ") == 14


def test_groups_at_one_postgres_are_loaded_at_the_same_time():
    need_wrk()
    need_postgres()

    said = ran("benchmarks.groups", "--groups", "2", "--rounds", "1", "--seconds", "1")

    assert said.stdout.startswith("2 groups: ")
    assert said.stdout.endswith(", 0 failed\n")


def test_a_target_notes_when_each_delivery_arrived_and_takes_its_time_for_the_answer():
    target, began = arrivals.Target(50), time.monotonic()

    httpx.post(f"http://{target.place}/", content=b"{}", headers={"X-InboundFlow-Delivery-Id": "a"})
    took_s = time.monotonic() - began
    target.server.shutdown()

    assert began <= target.arrived["a"] <= began + took_s - 0.05


def test_all_that_was_acknowledged_arrives_after_everything_was_killed():
    said = ran("benchmarks.recovery", "--rounds", "1", "--seconds", "1")

    rows = [line.split(" | ") for line in said.stdout.splitlines()[-2:]]
    assert [row[0] for row in rows] == ["| no call is under way", "| calls are under way"]
    assert all(float(row[1].removesuffix(" s")) > 0 for row in rows)


def test_the_memory_on_the_way_to_many_deliveries_is_told_beside_the_slowest_answer():
    need_wrk()
    said = ran("benchmarks.many", "--marks", "0", "1")

    rest, later = (line.strip("| ").split(" | ") for line in said.stdout.splitlines()[-2:])
    assert (rest[0], rest[1], rest[4]) == ("0", "0", "1.00")
    assert int(later[0].replace(",", "")) >= 1
    assert all(int(row[3].removesuffix(" MiB")) > 20 for row in (rest, later))


def test_arrivals_are_told_as_a_row_of_milliseconds():
    late_ms = [float(n) for n in range(1, 101)]
    figures = arrivals.Figures(takes_ms=50, deliveries=102, missing=2, late_ms=late_ms)

    assert figures.row() == "| 50 ms | 102 | 50 ms | 100 ms | 100 ms | 2 |"


def test_runs_per_second_are_told_with_the_ratio_of_the_same_round():
    ours, plain = ([runs.Round(per_s=per_s, cpu_us=300) for per_s in each] for each in ((900, 800), (300, 200)))

    assert runs.row("ours", ours, plain) == "| ours | 850 | 300 us | 3.50 |"


def test_runs_of_a_worker_are_counted_beside_those_of_plain_rq():
    said = ran("benchmarks.runs", "--runs", "40", "--rounds", "1")

    assert [line.split(" | ")[0] for line in said.stdout.splitlines() if line.startswith("| ")][2:] == [
        "| plain RQ, SimpleWorker",
        "| ours",
        "| ours, in batches of 200",
    ]


def test_the_silence_detector_is_tried_on_a_business_of_each_kind():
    said = ran("benchmarks.silence", "--seeds", "1", "--only", "new dental").stdout.splitlines()

    assert [line.split(" | ")[0] for line in said[2:]] == ["| new dental practice: its first 3 weeks"]
    assert said[2].endswith("0 of 12 |")


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_of_many_businesses_five_are_hostile_or_broken_and_nothing_of_the_others_is_lost(database):
    if database == "postgres":
        need_postgres()
    short = ("--sources", "8", "--per-s", "8", "--flood-per-s", "5", "--seconds", "2", "--warm-up", "1")

    said = ran("benchmarks.businesses", "--json", *short, "--rounds", "1", "--database", database)

    found = json.loads(said.stdout)
    assert [phase["phase"] for phase in found["phases"]] == ["all are well", "five are not"]
    for phase in found["phases"]:
        counts = {name: phase[name] for name in ("sent", "failed", "arrived", "lost", "doubled", "crossed")}
        assert counts == {"sent": 6, "failed": 0, "arrived": 18, "lost": 0, "doubled": 0, "crossed": 0}
    assert [costs["sources"] for costs in found["costs"]] == [1, 8]
    assert [bool(costs["postgres_connections"]) for costs in found["costs"]] == [database == "postgres"] * 2


def test_a_connection_that_the_server_has_closed_is_not_used_again():
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    async def ask_twice():
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        connections = open_loop.Connections(server.sockets[0].getsockname()[1])
        first = await connections.exchange(b"GET / HTTP/1.1\r\n\r\n")
        [(reader, _)] = connections.idle
        while not reader.at_eof():
            await asyncio.sleep(0.01)
        return first, await connections.exchange(b"GET / HTTP/1.1\r\n\r\n")

    assert asyncio.run(ask_twice()) == (200, 200)
