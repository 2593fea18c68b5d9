import os
import signal
import time
from pathlib import Path

from receiver import (
    AppointmentBooked,
    CallCompleted,
    CallTransferred,
    GiveUp,
    LeadCreated,
    Pause,
    RetryLater,
    Run,
    UnknownEvent,
    all_of,
    handles,
)
from receiver.toolkit import DAILY_AT


def note(run: Run, text="") -> str:
    with (Path(run.settings["TOYS"]) / run.handler).open("a") as file:
        file.write(f"{run.delivery.key} {run.attempt} {int(run.unsure)} {text}\n")
    return f"noted {run.delivery.key}"


def asked(run: Run, wish: str) -> bool:
    """Whether a test asks this handler to misbehave."""
    return (Path(run.settings["TOYS"]) / f"{run.handler}.{wish}").exists()


@handles(CallCompleted, LeadCreated, UnknownEvent, needs="TOYS")
def steady(event, run):
    return note(run)


@handles(CallCompleted, needs="TOYS", optional={"TOYS_TOKEN": ""}, timeout_s=2)
def moody(event, run):
    hang = Path(run.settings["TOYS"]) / "toys.moody.hang"
    if asked(run, "raise"):
        raise ValueError(f"could not call {event.caller_phone}")
    if asked(run, "retry"):
        raise RetryLater("busy", delay_s=0.01)
    if asked(run, "pause") and run.settings["TOYS_TOKEN"] != "right":
        raise Pause("token revoked")
    if asked(run, "give-up"):
        raise GiveUp("no such channel")
    if asked(run, "die-once"):
        (Path(run.settings["TOYS"]) / "toys.moody.die-once").unlink()
        os.kill(os.getpid(), signal.SIGKILL)
    while hang.exists():
        time.sleep(0.02)
    run.check_lease()
    return note(run)


@handles(CallCompleted, needs="TOYS", parallel=1)
def slow(event, run):
    note(run, "begins")
    time.sleep(0.05)
    return note(run, "ends")


@handles(CallTransferred, UnknownEvent, needs="TOYS", batch=4)
def bundled(events, runs):
    text = "+".join(run.delivery.key for run in runs)
    return [GiveUp("unlucky") if "unlucky" in run.delivery.key else note(run, text) for run in runs]


@handles(AppointmentBooked, needs="TOYS", pace_s=0.2)
def paced(event, run):
    if asked(run, "busy"):
        (Path(run.settings["TOYS"]) / "toys.paced.busy").unlink()
        raise RetryLater("called too often", delay_s=2, cooldown=True)
    failed, earlier = ",".join(run.failed_with), ",".join(one.outcome for one in run.earlier())
    return note(run, f"{time.time()} failed:{failed} after:{earlier}")


@handles(LeadCreated, needs="TOYS", batch=20, pace_s=1, parallel=1)
def gathering(events, runs):
    text = "+".join(run.delivery.key for run in runs)
    return [note(run, text) for run in runs]


def each_target(settings):
    return {name: {**settings, "NAME": name} for name in settings["TOYS_TARGETS"].split()}


@handles(CallCompleted, needs=all_of("TOYS", "TOYS_TARGETS"), targets=each_target, timeout_s=2, parallel=4)
def many(event, run):
    folder, name = Path(run.settings["TOYS"]), run.settings["NAME"]
    while (folder / f"toys.many.{name}.hang").exists():
        time.sleep(0.02)
    time.sleep(0.5 if (folder / f"toys.many.{name}.slow").exists() else 0)
    run.check_lease()
    return note(run, f"{name} {os.getpid()}")


@handles(
    CallCompleted,
    needs="TOYS_DAILY_AT",
    optional={"TOYS": ""},
    targets=lambda s: {"day": {**s, DAILY_AT: s["TOYS_DAILY_AT"]}},
)
def daily(event, run):
    return note(run, ",".join(told.delivery_id for told in run.day()))
