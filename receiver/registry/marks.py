"""A mark of a target's settings: it changes with them, and nobody can read them from it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence

from .handlers import Activation
from .run import Lane

CHARS = 8  # so few that many settings have the same: who guesses a weak one cannot tell that it is right


def settings_mark(settings: Mapping[str, str], key: str) -> str:
    text = json.dumps(sorted(settings.items()))
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()[:CHARS]


def settings_marks(activations: Sequence[Activation], key: str) -> dict[Lane, str]:
    """Of each lane of what is on. `key` is the inbox's name: elsewhere the same settings have another mark."""
    return {
        lane: settings_mark(activation.targets[lane.target], key)
        for activation in activations
        if activation.state == "on"
        for lane in activation.lanes()
    }
