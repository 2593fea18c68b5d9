"""Trouble in the order of things: what was sent comes twice, late, early, or all at once."""

from __future__ import annotations

import random
from dataclasses import replace

from .kinds import Round, Trouble

Rounds = tuple[Round, ...]
AT_ONCE = 10
DELAY_S = 3.0


def duplicates(_: random.Random, rounds: Rounds) -> Rounds:
    return tuple(twice for round in rounds for twice in (round, round))


def at_once(_: random.Random, rounds: Rounds) -> Rounds:
    return tuple(replace(round, requests=round.requests * AT_ONCE) for round in rounds)


def reordered(rng: random.Random, rounds: Rounds) -> Rounds:
    return tuple(rng.sample(rounds, len(rounds)))


def delayed(rng: random.Random, rounds: Rounds) -> Rounds:
    return tuple(replace(round, after_s=rng.uniform(0, DELAY_S)) for round in rounds)


def replayed(rng: random.Random, rounds: Rounds) -> Rounds:
    """Afterwards, some of them once more."""
    return rounds + tuple(round for round in rounds if rng.random() < 0.5 or round is rounds[0])


def together(_: random.Random, rounds: Rounds) -> Rounds:
    return (Round(requests=tuple(request for round in rounds for request in round.requests)),)


def pipelined(_: random.Random, rounds: Rounds) -> Rounds:
    return tuple(replace(round, one_connection=True) for round in together(_, rounds))


ALL = (
    Trouble(name="duplicate", says="each delivery twice", order=duplicates),
    Trouble(name="duplicate-at-once", says=f"each delivery {AT_ONCE} times at the same moment", order=at_once),
    Trouble(name="reordered", says="in any order", order=reordered),
    Trouble(name="delayed", says=f"each up to {DELAY_S:g} seconds late", order=delayed),
    Trouble(name="replayed", says="some of them once more at the end, byte for byte", order=replayed),
    Trouble(name="together", says="all of them at the same moment", order=together),
    Trouble(name="pipelined", says="all on one connection, without waiting for answers", order=pipelined),
)
