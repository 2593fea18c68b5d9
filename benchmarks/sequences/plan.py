"""A sequence from its seed: a list of actions that are plain data, so that one can be cut short and kept."""

from __future__ import annotations

import random
from typing import Any

Action = dict[str, Any]

LENGTH = 30
HANDLERS = ("ask.write", "many.write", "paced.write", "urls.post")
EVENTS = ("call.completed", "lead.created", "call.transferred")
TROUBLES = ("kill-before", "kill-after", "cut-during", "cut-after")
STEPS_S = (1, 3, 60, 3600, 7200, 86_400, 315_000_000)  # up to ten years
SPANS_S = (0.2, 1, 2, 5, 7, 30, 30, 120, 3600, 60_000)
SHORT_SPANS_S = (1, 2, 5, 7, 12)  # while an attempt is under way: within its time-out
URLS = ("x", "y", "x,y", "x,y", "z", "?", "")  # targets of the last handler; "?" cannot be read, "" is off

# What a destination does with an attempt, or what happens to its process there.
SAYS = {
    "ok": 12, "retry": 2, "cooldown": 1, "pause": 1.5, "give-up": 1, "raise": 1, "acts-then-fails": 1.5,
    "dies-before": 1.5, "dies-after": 1.5, "freezes-before": 1, "freezes-after": 1,
}  # fmt: skip
KINDS = {
    "deliver": 6, "round": 5, "tick": 3, "work": 7, "pass": 4, "step": 2, "flush": 1.2, "pause": 1, "resume": 1.5,
    "replay": 2.5, "cancel": 1.8, "switch": 1.5, "cut": 1, "kill": 1, "stop": 0.7, "outage": 0.6,
}  # fmt: skip
MEANWHILE = {
    "cancel": 2, "replay": 2, "pause": 1.5, "resume": 1, "pass": 2, "step": 2, "flush": 1, "tick": 3, "work": 3,
    "switch": 1, "kill": 1, "stop": 1, "cut": 1, "deliver": 1,
}  # fmt: skip


def plan(seed: int, length: int = LENGTH) -> list[Action]:
    rng = random.Random(seed)
    begin = [{"do": "deliver", **deliver(rng), "trouble": None} for _ in range(rng.randint(1, 4))]
    return begin + [action(rng, KINDS) for _ in range(length)] + [{"do": "end", "all_on": rng.random() < 0.7}]


def action(rng: random.Random, kinds: dict[str, float], depth: int = 0) -> Action:
    kind = pick(rng, kinds)
    return {"do": kind, **PARTS[kind](rng, depth)} if kind in PARTS else {"do": kind}


def pick(rng: random.Random, weights: dict[str, float]) -> str:
    return rng.choices(list(weights), list(weights.values()))[0]


def deliver(rng: random.Random, depth: int = 0) -> Action:
    return {"call": rng.randrange(4), "event": rng.choice(EVENTS), "again": rng.random() < 0.15,
            "which": rng.randrange(100), "trouble": trouble(rng, 1)}  # fmt: skip


def trouble(rng: random.Random, latest: int, chance: float = 0.25) -> Action | None:
    """At which of a process's next calls of the database what happens to it."""
    return {"kind": rng.choice(TROUBLES), "at": rng.randint(1, latest)} if rng.random() < chance else None


def tick(rng: random.Random, depth: int) -> Action:
    return {"machine": rng.randrange(2), "trouble": trouble(rng, 14, 0.4)}


def work(rng: random.Random, depth: int) -> Action:
    inner = [action(rng, MEANWHILE, depth + 1) for _ in range(rng.choice((0, 0, 1, 2, 3)))] if depth == 0 else []
    return {"machine": rng.randrange(2), "handler": rng.randrange(4), "jobs": rng.randint(1, 2),
            "tick": rng.random() < 0.6, "says": [pick(rng, SAYS) for _ in range(rng.randint(1, 4))],
            "trouble": trouble(rng, 5), "meanwhile": inner}  # fmt: skip


def span(rng: random.Random, depth: int) -> Action:
    return {"s": rng.choice(SHORT_SPANS_S if depth else SPANS_S)}


def step(rng: random.Random, depth: int) -> Action:
    return {"s": rng.choice((-1, 1)) * rng.choice(STEPS_S)} if rng.random() < 0.6 else {"s": 0}  # 0: is put right


def lane(rng: random.Random, depth: int) -> Action:
    return {"handler": rng.randrange(4), "target": rng.choice((None, None, "x", "y"))}


def selection(rng: random.Random, depth: int) -> Action:
    return {"by": rng.choice(("name", "name", "handler", "target", "state", "state of handler")),
            "which": rng.randrange(100), "handler": rng.randrange(4), "target": rng.choice("xy"),
            "state": rng.choice(("dead", "dead", "retrying", "pending", "skipped", "succeeded"))}  # fmt: skip


def replay(rng: random.Random, depth: int) -> Action:
    return {**selection(rng, depth), "again": rng.random() < 0.3, "at_once": rng.choice((1, 2, 200))}


def cancel(rng: random.Random, depth: int) -> Action:
    """With what happens after its look at what there is, and before its commit."""
    between = {"do": "round", "machine": rng.randrange(2)} if depth == 0 and rng.random() < 0.5 else None
    return {**selection(rng, depth), "at_once": 500 if between else rng.choice((1, 2, 500)), "between": between}


def switch(rng: random.Random, depth: int) -> Action:
    return {"handler": rng.randrange(4), "urls": rng.choice(URLS), "killed": rng.random() < 0.3}


def outage(rng: random.Random, depth: int) -> Action:
    return {"handler": rng.randrange(4), "attempts": rng.randint(3, 30)}


def machine(rng: random.Random, depth: int) -> Action:
    return {"machine": rng.randrange(2)}


PARTS = {
    "deliver": deliver, "round": machine, "tick": tick, "work": work, "pass": span, "step": step, "pause": lane,
    "resume": lane, "replay": replay, "cancel": cancel, "switch": switch, "outage": outage, "kill": machine,
    "stop": machine,
}  # fmt: skip
