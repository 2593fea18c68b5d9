"""A handler of the matrix's own: it forks a helper, or ends badly, as a delivery asks.

Its destination is a file with a line for each effect, which it asks after an attempt of unknown end.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from receiver import Run, UnknownEvent, handles


class Unspeakable:
    def __str__(self) -> str:
        raise RuntimeError


def generator() -> Iterator[str]:
    yield "nobody asks for this"


ENDS = {
    "hang": lambda: time.sleep(10_000),
    "exit": lambda: sys.exit("x"),
    "exit-at-once": lambda: os._exit(3),
    "segfault": lambda: ctypes.string_at(0),
    "unspeakable": Unspeakable,
    "generator": generator,
    "object": object,
    "nul": lambda: "id \x00",
    "surrogate": lambda: "id \ud83d",
}
pool: ProcessPoolExecutor | None = None  # its helper lives on where this process is killed


@handles(UnknownEvent, needs="MATRIX_LEDGER", timeout_s=2)
def act(event: UnknownEvent, run: Run) -> object:
    do = event.data.get("do")
    if do in ENDS:
        return ENDS[do]()
    if do == "helper":
        ask_helper()
    return note(Path(run.settings["MATRIX_LEDGER"]), run)


def ask_helper() -> None:
    global pool
    if pool is None:
        pool = ProcessPoolExecutor(1, mp_context=get_context("fork"))
    pool.submit(len, "abc").result()


def note(ledger: Path, run: Run) -> str:
    if run.unsure and run.delivery.key in ledger.read_text():
        return "there already"
    run.check_lease()
    with ledger.open("a") as file:
        file.write(json.dumps({"key": run.delivery.key, "at_s": time.monotonic()}) + "\n")
    return "written"
