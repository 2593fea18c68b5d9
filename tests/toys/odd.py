"""A handler that ends as a delivery asks, and one that takes batches."""

import asyncio
import ctypes
import math
import os
import signal
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from receiver import AppointmentBooked, CallCompleted, GiveUp, LeadCreated, Pause, RetryLater, all_of, handles
from receiver.toolkit import post_json
from tests.toys.toys import note


class Unspeakable:
    def __str__(self):
        raise RuntimeError


def cancel():
    async def cancelled():
        asyncio.current_task().cancel()
        await asyncio.sleep(1)

    asyncio.run(cancelled())


def fail(error):
    raise error


def generator():
    yield "row 7"


def helper():
    """The id of a process that lives on beside this one."""
    global pool
    pool = ProcessPoolExecutor(1, mp_context=get_context("fork"))
    return pool.submit(os.getpid).result()


ENDS = {
    "helper": helper,
    "exit": lambda: sys.exit("x"),
    "interrupt": lambda: fail(KeyboardInterrupt()),
    "cancel": cancel,
    "delay-text": lambda: fail(RetryLater("busy", delay_s="30")),
    "delay-inf": lambda: fail(RetryLater("busy", delay_s=math.inf)),
    "delay-nan": lambda: fail(RetryLater("busy", delay_s=math.nan, cooldown=False)),
    "unspeakable": Unspeakable,
    "generator": generator,
    "surrogate": lambda: "id \ud83d",
    "nul": lambda: "id \x00",
    "none": lambda: None,
    "give-up": lambda: fail(GiveUp("\x00\ud83d")),
    "hang": lambda: time.sleep(10_000),
    "segv": lambda: ctypes.string_at(0),
    "late-segv": lambda: (time.sleep(0.5), ctypes.string_at(0)),
    "exit-3": lambda: os._exit(3),
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "poison": lambda: fail(Pause("it answered 403", failure="refused-403")),
    "slow": lambda: time.sleep(1),
}


@handles(CallCompleted, needs=all_of("TOYS", "ODD"), timeout_s=2)
def act(event, run):
    note(run)
    return ENDS.get(event.data.get("end"), lambda: "fine")()


@handles(LeadCreated, needs=all_of("TOYS", "ODD"), batch=4, timeout_s=2)
def act_on_all(events, runs):
    for run in runs:
        note(run)
    ends = [event.data.get("end") for event in events]
    if "none-of-all" in ends:
        return None
    if "too-few" in ends:
        return []
    return [ENDS.get(end, lambda: "fine")() for end in ends]


@handles(AppointmentBooked, needs=all_of("TOYS", "SLOW_URL"), timeout_s=2)
def ask_four_times(event, run):
    """As a CRM's handler, whose four requests are slow together, and each of them is not."""
    note(run)
    for _ in range(4):
        post_json(run.settings["SLOW_URL"], {})
    return "asked"
