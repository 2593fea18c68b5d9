"""Every handler under the variables of a process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from .. import registry
from ..errors import ConfigurationError
from ..registry import Activation


def activations(env: Mapping[str, str], source: str = "") -> Sequence[Activation]:
    """Of one source, under its own variables. Raises ConfigurationError where there is no folder of handlers."""
    try:
        found = registry.activate(registry.discover("handlers"), env)
    except ImportError as error:
        raise ConfigurationError(f"The handlers cannot be loaded: {type(error).__name__}: {error}") from error
    return [replace(each, source=source) for each in found]
