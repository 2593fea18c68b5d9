"""Each destination, asked harmlessly: its credentials, its address. Nothing is written or posted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from ..operations import Finding, advice, check_destination, label
from ..registry import Activation, misspelt
from .concurrently import Check


def check_names(env: Mapping[str, str], activations: Sequence[Activation]) -> Iterator[Finding]:
    """Variables with a typing error in their names."""
    for name, meant in misspelt(env, [activation.handler for activation in activations]):
        yield advice(
            "variables",
            f"{name} is set, and nothing reads it",
            why=f"it looks like {meant}",
            do=f"rename it to {meant}, or remove it if it is meant for another program",
        )


def destination_checks(activations: Sequence[Activation]) -> dict[str, Check]:
    """A check for each target of each destination that is on."""
    return {
        label(lane): partial(check_destination, label(lane), activation, activation.targets[lane.target])
        for activation in activations
        if activation.state == "on"
        for lane in activation.lanes()
    }
