"""What is on under one environment, so that another process can compare it with what is on under its own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..locales import LANGUAGES, Locale, Text, Texts, localized
from .handlers import Activation, to_set
from .run import Lane

# fmt: off
TEXTS = Texts({
    "differs":       ("{name} is {there} there and {here} here", "{name}: allí {there}, aquí {here}"),
    "state":         ("{state} ({targets})", "{state} ({targets})"),
    "on":            ("on", "activo"),
    "off":           ("off", "desactivado"),
    "misconfigured": ("misconfigured", "mal configurado"),
    "log":           ("the worker's log says why", "el registro del worker dice por qué"),
})
# fmt: on


def summarize(activations: Sequence[Activation]) -> dict[str, str]:
    """Each handler that is not off, with its state and the targets it is for. Holds no secret."""
    return {name_of(activation): state_of(activation) for activation in activations if activation.state != "off"}


def reasons(activations: Sequence[Activation]) -> dict[str, list[str]]:
    """Why each handler that is misconfigured is so, in each of LANGUAGES.

    A reason that holds something of a variable's value is left out.
    """
    return {
        name_of(activation): [localized(activation.why, Locale(language=language)) for language in LANGUAGES]
        for activation in activations
        if activation.state == "misconfigured" and not activation.tells_value
    }


def name_of(activation: Activation) -> str:
    return f"{activation.source}/{activation.handler.name}" if activation.source else activation.handler.name


def state_of(activation: Activation) -> str:
    targets = ", ".join(sorted(filter(None, activation.targets))) if activation.state == "on" else ""
    return f"{activation.state} ({targets})" if targets else activation.state


def is_on(stored: str, lane: Lane) -> bool:
    """Whether a lane is among those of another process's `summary`, stored as JSON; none is where it is ""."""
    name = f"{lane.source}/{lane.handler}" if lane.source else lane.handler
    state: str = json.loads(stored or "{}").get(name, "off")
    return state == "on" if not lane.target else state.startswith("on (") and lane.target in state


def differences(stored: str, activations: Sequence[Activation]) -> Iterator[Text]:
    """A line for each difference to another process's `summary`, stored as JSON; none where it is ""."""
    if not stored:
        return
    theirs, ours = json.loads(stored), summarize(activations)
    for name in sorted({*theirs, *ours}):
        there, here = theirs.get(name, "off"), ours.get(name, "off")
        if there != here:
            yield TEXTS("differs", name=name, there=state_text(there), here=state_text(here))


def state_text(state: str) -> Text | str:
    """A state as `summarize` has it, in words."""
    word, _, targets = state.partition(" ")
    known = TEXTS(word) if word in TEXTS.table else word
    return TEXTS("state", state=known, targets=targets.strip("()")) if targets else known


def as_noted(activations: Sequence[Activation], stored: str, noted: str) -> list[Activation]:
    """These as another process has them that noted its `summary` and its `reasons`, both stored as JSON.

    Of what is on there and not here the targets' settings, and which events it gets, are not known. Where `stored` is
    "", they are returned unchanged.
    """
    if not stored:
        return list(activations)
    states, whys = json.loads(stored), json.loads(noted or "{}")
    return [with_state(each, states.get(name_of(each), "off"), whys.get(name_of(each))) for each in activations]


def with_state(activation: Activation, state: str, why: Sequence[str] | None) -> Activation:
    if state == "misconfigured":
        return replace(activation, state=state, why=in_each_language(why) if why else TEXTS("log"))
    if state == "off" and activation.state != "off":
        needs = activation.handler.needs
        return replace(activation, state=state, why=to_set(needs, frozenset()) if needs else "")
    if state != state_of(activation):
        targets = state.partition(" ")[2].strip("()").split(", ")
        return replace(activation, state="on", why="", targets={target: {} for target in targets})
    return activation


def in_each_language(sentences: Sequence[str]) -> Text:
    return Text(lambda locale: sentences[LANGUAGES.index(locale.language)])
