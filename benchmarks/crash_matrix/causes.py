"""What is done that is no kill at a point: the clock is stepped, the file moved, a handler ends badly."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from receiver.inbox.holding import SOON_AFTER, SOON_S
from receiver.inbox.schedule import BACKOFF_S, JITTER
from tests.support.processes import is_alive, until

from .faults import BAD, Fault
from .sending import Sending

if TYPE_CHECKING:
    from .system import System

ACKED_BEFORE = 3  # deliveries, when the clock is stepped: what is sent later is refused until it is right again
GOOD_BESIDE = 20  # deliveries beside a bad one, two a second
ENDED_WITHIN_S = 150
ON_SCHEDULE_S = 1  # within so much
HOW_ODD_RUNS_STAND = (
    "SELECT d.key, r.id, r.state, r.failures, r.next_attempt_us, a.ended_us FROM runs AS r "
    "JOIN deliveries AS d ON d.id = r.delivery_id "
    "LEFT JOIN attempts AS a ON a.run_id = r.id AND a.number = r.attempts WHERE r.handler = 'matrix.act'"
)
KEPT = ("object", "nul", "surrogate")  # what is returned, not what is raised: cleaned, and an outcome like any other


def step_clock(system: System, fault: Fault, sending: Sending) -> float:
    """Step it while there is work, kill everything or not, put it back, before the restart or after it."""
    until(lambda: works_everywhere(system, sending), within_s=60, what="an effect at each destination")
    acked = len(sending.acked)
    sending.start(ACKED_BEFORE)
    until(lambda: len(sending.acked) >= acked + ACKED_BEFORE, within_s=60, what="acknowledgements")
    system.world.fail("hubspot", status=503, times=2)  # so that a retry is written down meanwhile
    system.clock.step(fault.ahead_s)
    sending.start(3)
    sending.start(2, once=True)
    time.sleep(system.rng.uniform(1, 3))
    if fault.victim == "all":
        restart(system, fault, still_wrong=system.rng.random() < 0.5)
    system.clock.step(0)
    return time.monotonic()


def works_everywhere(system: System, sending: Sending, *more: str) -> bool:
    """Whether each shipped handler's process runs, and `more`: one that is still starting shows nothing."""
    time.sleep(0.1)
    effects = system.effects(sending)
    places = [place for place in effects if place != "matrix" or place in more]
    return all(any(key in effects[place] for key in sending.sent) for place in places)


def restart(system: System, fault: Fault, *, still_wrong: bool) -> None:
    """Kill everything, and start it while the clock is still wrong, or once it is right."""
    system.strike(fault, 0)
    if not still_wrong:
        system.clock.step(0)
    system.wait_and_start()
    time.sleep(system.rng.uniform(0, 2))


def move_file(system: System, fault: Fault, sending: Sending) -> float:
    """With all that stands beside it, or alone; or to another disk and back, which makes another file of it."""
    until(lambda: sending.acked, within_s=60, what="an acknowledgement")
    time.sleep(system.rng.uniform(0, 0.5))
    away = system.dir / "away"
    away.mkdir(exist_ok=True)
    files = [system.dir / "inbox.db"] if fault.victim == "alone" else sorted(system.dir.glob("inbox.db*"))
    move(files, away)
    sending.start(3)
    time.sleep(system.rng.uniform(0.5, 3))
    if fault.victim == "copied":
        move_to_another_disk(away)
    move([away / file.name for file in reversed(files)], system.dir)  # never the file before its log
    return time.monotonic()


def move(files: list[Path], folder: Path) -> None:
    for file in files:
        with suppress(FileNotFoundError):
            file.rename(folder / file.name)


def move_to_another_disk(folder: Path) -> None:
    for file in folder.iterdir():
        copy = file.with_suffix(".copy")
        shutil.copy2(file, copy)
        copy.rename(file)


def end_badly(system: System, fault: Fault, sending: Sending) -> float:
    """Let the handler end badly on some deliveries, and good ones arrive meanwhile: at it, and at others."""
    sending.start_ours("warm-up")
    until(lambda: works_everywhere(system, sending, "matrix"), within_s=60, what="an effect at each destination")
    system.world.exchanges = []
    began = time.monotonic()
    for do in fault.ends:
        sending.start_ours(do)
    for _ in range(GOOD_BESIDE):
        time.sleep(0.5)
        sending.start_ours("fine")
    until(lambda: all_failed(system, sending), within_s=ENDED_WITHIN_S, what="a failure of each bad run")
    check_schedule(system, sending)
    until(lambda: have_ended(system, sending), within_s=ENDED_WITHIN_S, what="a dead letter of each bad run")
    return began


def odd_runs(system: System, sending: Sending) -> dict[str, dict]:
    """The runs that end badly, by what is done on them."""
    rows = {row["key"]: dict(row) for row in system.db.read(HOW_ODD_RUNS_STAND)}
    return {do: rows[key] for key, do in sending.do_of.items() if do in BAD and key in rows}


def all_failed(system: System, sending: Sending) -> bool:
    """Whether each bad run waits for its next attempt after one that counts, or has ended well."""
    runs = odd_runs(system, sending)
    time.sleep(0.1)
    bad = [do for do in sending.do_of.values() if do in BAD]
    return len(runs) == len(bad) and all(
        run["state"] == "succeeded" if do in KEPT else run["state"] == "retrying" and run["failures"] > 0
        for do, run in runs.items()
    )


def check_schedule(system: System, sending: Sending) -> None:
    """Each waits as long as the schedule says, or less where others get through meanwhile. Raises AssertionError."""
    for do, run in odd_runs(system, sending).items():
        if run["state"] != "retrying":
            continue
        waits_s = (run["next_attempt_us"] - run["ended_us"]) / 1e6
        usual = [BACKOFF_S[run["failures"] - 1], *([SOON_S] if run["failures"] - 1 in SOON_AFTER else [])]
        if not any(abs(waits_s - usual_s) <= usual_s * JITTER + ON_SCHEDULE_S for usual_s in usual):
            raise AssertionError(f"{do}: after {run['failures']} failures it waits {waits_s:.1f} s, not {usual[0]} s")


def have_ended(system: System, sending: Sending) -> bool:
    """Whether bad runs are dead letters, and those that are kept have succeeded. Brings forward what still waits."""
    time.sleep(0.2)
    waiting = {do: run for do, run in odd_runs(system, sending).items() if run["state"] not in ("dead", "succeeded")}
    for run in waiting.values():
        bring_forward(system, run["id"])
    return not waiting


def bring_forward(system: System, run: int) -> None:
    """A day passes: of one that waits the last attempt is due. Nothing happens to one that is under way just now."""
    sql = "UPDATE runs SET failures = ?, next_attempt_us = ? WHERE id = ? AND state = 'retrying' AND failures < ?"
    last = len(BACKOFF_S)
    system.db.commit(lambda tx: tx.execute(sql, (last, system.db.now_us(), run, last)))


def check_ends(system: System, sending: Sending) -> None:
    """Raises AssertionError where one that failed ended as anything but a dead letter."""
    for do, run in odd_runs(system, sending).items():
        if run["state"] != ("succeeded" if do in KEPT else "dead"):
            raise AssertionError(f"{do} ended as {run['state']}")


def times_beside(system: System, sending: Sending) -> dict[str, list[float]]:
    """Seconds from acknowledgement to effect of the good ones, at forward and at the handler that ends badly."""
    effects = {"another": forwarded_at(system), "same": {line["key"]: line["at_s"] for line in system.ledger_lines()}}
    good = [key for key, do in sending.do_of.items() if do == "fine" and key in sending.acked]
    return {
        which: [max(0.0, at_s[key] - sending.acked[key]) for key in good if key in at_s]
        for which, at_s in effects.items()
    }


def forwarded_at(system: System) -> dict[str, float]:
    exchanges = [each for each in system.world.exchanges or [] if each.destination == "forward"]
    return {each.headers["x-inboundflow-delivery-id"]: each.answered_s for each in reversed(exchanges)}


def work_beside_helpers(system: System, sending: Sending) -> None:
    """More deliveries, of which some come to the handler that was killed. Raises AssertionError."""
    for do in ("helper", "fine", "fine"):
        sending.start_ours(do)
    until(lambda: not any_waits(sending), within_s=60, what="an acknowledgement beside a helper that lives on")
    if not all(is_alive(pid) for pid in system.helpers):
        raise AssertionError("the helper ended with its handler")


def any_waits(sending: Sending) -> bool:
    time.sleep(0.1)
    return not sending.settled()


OF_KIND: dict[str, Callable[[System, Fault, Sending], float]] = {
    "clock": step_clock,
    "odd": end_badly,
    "file": move_file,
}
