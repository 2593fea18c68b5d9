"""Trouble in the order of things: what was sent comes twice, late, early, or all at once."""

from __future__ import annotations

import random
from dataclasses import replace

from .kinds import Round, Trouble

Rounds = tuple[Round, ...]
AT_ONCE = 10
DELAY_S = 3.0


def duplicates(_: random.Random, rounds: Rounds) -> Rounds:
    return tuple(twice for one in rounds for twice in (one, one))


def at_once(_: random.Random, rounds: Rounds) -> Rounds:
    return tuple(replace(one, requests=one.requests * AT_ONCE) for one in rounds)


def reordered(rng: random.Random, rounds: Rounds) -> Rounds:
    return tuple(rng.sample(rounds, len(rounds)))


def delayed(rng: random.Random, rounds: Rounds) -> Rounds:
    return tuple(replace(one, after_s=rng.uniform(0, DELAY_S)) for one in rounds)


def replayed(rng: random.Random, rounds: Rounds) -> Rounds:
    """Afterwards, some of them once more."""
    return rounds + tuple(one for one in rounds if rng.random() < 0.5 or one is rounds[0])


def together(_: random.Random, rounds: Rounds) -> Rounds:
    return (Round(requests=tuple(request for one in rounds for request in one.requests)),)


def pipelined(_: random.Random, rounds: Rounds) -> Rounds:
    return tuple(replace(one, one_connection=True) for one in together(_, rounds))


ALL = (
    Trouble(name="duplicate", says="each delivery twice", order=duplicates),
    Trouble(name="duplicate-at-once", says=f"each delivery {AT_ONCE} times at the same moment", order=at_once),
    Trouble(name="reordered", says="in any order", order=reordered),
    Trouble(name="delayed", says=f"each up to {DELAY_S:g} seconds late", order=delayed),
    Trouble(name="replayed", says="some of them once more at the end, byte for byte", order=replayed),
    Trouble(name="together", says="all of them at the same moment", order=together),
    Trouble(name="pipelined", says="all on one connection, without waiting for answers", order=pipelined),
)
