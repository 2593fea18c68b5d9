"""Each destination, asked harmlessly: its credentials, its address. Nothing is written or posted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from ..locales import Texts
from ..operations import Finding, advice, check_destination, label
from ..registry import Activation, misspelt
from ..settings import unusable
from .concurrently import Check

# fmt: off
TEXTS = Texts({
    "correct":     ("correct it, and start again", "corrígelo y reinicia"),
    "unread":      ("{name} is set, and nothing reads it", "{name} está definida y nada la lee"),
    "unread_why":  ("it looks like {meant}", "se parece a {meant}"),
    "unread_do":   ("rename it to {meant}, or remove it if it is meant for another program",
                    "cámbiale el nombre a {meant}, o quítala si es de otro programa"),
})
# fmt: on


def check_names(env: Mapping[str, str], activations: Sequence[Activation]) -> Iterator[Finding]:
    """Variables with a typing error in their names, or in the business's language or zone."""
    for sentence in unusable(env):
        yield advice("variables", sentence, do=TEXTS("correct"))
    for name, meant in misspelt(env, [activation.handler for activation in activations]):
        yield advice(
            "variables",
            TEXTS("unread", name=name),
            why=TEXTS("unread_why", meant=meant),
            do=TEXTS("unread_do", meant=meant),
        )


def destination_checks(activations: Sequence[Activation]) -> dict[str, Check]:
    """A check for each target of each destination that is on."""
    return {
        label(lane): partial(check_destination, label(lane), activation, activation.targets[lane.target])
        for activation in activations
        if activation.state == "on"
        for lane in activation.lanes()
    }
