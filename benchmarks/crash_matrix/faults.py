"""What is done to the receiver, and at which point of a delivery's path."""

from __future__ import annotations

from dataclasses import dataclass

ANY_TIME = ""


@dataclass(frozen=True, kw_only=True)
class Fault:
    name: str
    point: str  # where the path stands still meanwhile; any time where there is none
    # it: the process at the point; web; worker, with its children; parent, the worker's alone; child, one of the
    # worker's; redis; supervisor; all; or what is done
    victim: str
    counts: bool = True  # False: the hole that is known and shown
    kind: str = ""  # of what is not done at a point: clock, odd, file
    ahead_s: int = 0  # so much the clock is stepped
    ends: tuple[str, ...] = ()  # how a handler ends on deliveries beside good ones
    database: str = ""  # the only one where it makes sense

    @property
    def label(self) -> str:
        """As --only finds it."""
        what = f"clock{self.ahead_s:+}" if self.kind == "clock" else self.kind or self.point or "any-time"
        return f"{what}:{self.victim}"


STEPS = {"+2 s": 2, "-2 s": -2, "+1 h": 3_600, "-1 h": -3_600, "+10 years": 315_576_000}
BAD_ENDS = {
    "hangs": ("hang",), "calls sys.exit": ("exit",), "calls os._exit": ("exit-at-once",), "segfaults": ("segfault",),
    "returns nonsense": ("unspeakable", "generator", "object", "nul", "surrogate"),
}  # fmt: skip
BAD = {end for ends in BAD_ENDS.values() for end in ends}


def fault(name: str, point: str, *victims: str) -> list[Fault]:
    return [Fault(name=name, point=point, victim=victim) for victim in victims]


FAULTS = [
    *fault("before a delivery's commit", "web.keep.before", "it", "all"),
    *fault("after a delivery's commit, before the answer", "web.keep.after", "it", "all"),
    *fault("before runs are opened", "dispatcher.open.before", "it"),
    *fault("after runs were opened", "dispatcher.open.after", "it", "all"),
    *fault("before jobs are enqueued", "dispatcher.push.before", "it", "redis"),
    *fault("after jobs were enqueued", "dispatcher.push.after", "it", "redis"),
    *fault("before runs are marked as queued", "dispatcher.mark_queued.before", "it"),
    *fault("after runs were marked as queued", "dispatcher.mark_queued.after", "it", "redis", "flush"),
    *fault("before a run's claim is committed", "child.claim.before", "it", "worker"),
    *fault("after a run's claim was committed", "child.claim.after", "it", "all"),
    *fault("a destination has the request, and has not acted", "destination.received", "worker", "all"),
    *fault("a destination has acted, and has not answered", "destination.done", "supervisor", "all"),
    *fault("Slack has posted, and has not answered", "slack.done", "worker"),
    *fault("Sheets has appended, and has not answered", "sheets.done", "worker"),
    *fault("HubSpot has written, and has not answered", "hubspot.done", "worker"),
    *fault("a forward target has acted, and has not answered", "forward.done", "worker"),
    *fault("before an outcome's commit", "child.finish.before", "it", "all"),
    *fault("after an outcome's commit", "child.finish.after", "it"),
    *fault("before the outcome's commit, of a handler that forked a helper", "helper.finish.before", "it"),
    *fault("after the outcome's commit, of a handler that forked a helper", "helper.finish.after", "it"),
    *[
        Fault(name=f"the clock steps by {step}, and back", point="", victim=victim, kind="clock", ahead_s=ahead_s)
        for step, ahead_s in STEPS.items()
        for victim in ("none", "all")
    ],
    *[
        Fault(name=f"a handler {how} on one delivery", point="", victim=f"{ends[0]}", kind="odd", ends=ends)
        for how, ends in BAD_ENDS.items()
    ],
    *[
        Fault(name=f"the file is moved {where}, and back", point="", victim=how, kind="file", database="sqlite")
        for where, how in (("away", "moved"), ("away alone", "alone"), ("to another disk", "copied"))
    ],
    *fault("any time", ANY_TIME, "web", "worker", "parent", "child", "redis", "flush", "supervisor", "all"),
]
HOLE = Fault(
    name="a worker machine frozen past its lease, between its last look and the write", victim="freeze",
    point="child.hold.after", counts=False,
)  # fmt: skip
