"""Plays sequences, and shortens those that fail."""

from __future__ import annotations

import argparse
import json
import logging
import sys
import traceback
from collections.abc import Sequence
from contextlib import nullcontext

from .databases import Databases, databases
from .mistakes import mistaken
from .plan import Action, plan
from .system import Outcome, play

PROGRESS_EVERY = 25


def play_all(kind: str, seeds: Sequence[int], options: argparse.Namespace) -> dict[int, Outcome]:
    """In a process of its own, as the clock and the schedule's chance are the process's."""
    logging.disable(logging.CRITICAL)  # of the receiver, which has much to tell
    outcomes = {}
    with databases(kind) as place, mistaken(options.mistake) if options.mistake else nullcontext():
        for seed in seeds:
            actions = plan(seed, options.length)
            outcome = outcomes[seed] = safely(place, actions, seed)
            if len(outcomes) % PROGRESS_EVERY == 0:
                print(f"{kind}: {len(outcomes)} of {len(seeds)} in this lane", file=sys.stderr, flush=True)
            if outcome.difference:
                said = f"{kind}, seed {seed}, action {outcome.step}: {outcome.difference}"
                print(said, file=sys.stderr, flush=True)
                if options.shrink:
                    show(shrink(place, actions, seed))
    return outcomes


def safely(place: Databases, actions: Sequence[Action], seed: int) -> Outcome:
    """What the receiver or the sequence raises is a difference too."""
    try:
        return play(place, actions, seed)
    except Exception:
        return Outcome(difference=traceback.format_exc())


def shrink(place: Databases, actions: list[Action], seed: int) -> list[Action]:
    """Without the actions that it fails without."""
    size = len(actions) // 2
    while size:
        for end in range(len(actions), 0, -size):
            shorter = actions[: max(0, end - size)] + actions[end:]
            if shorter and safely(place, shorter, seed).difference:
                actions = shorter
                break
        else:
            size //= 2
    return actions


def show(actions: Sequence[Action]) -> None:
    for action in actions:
        print(f"    {json.dumps(action)},", file=sys.stderr, flush=True)
