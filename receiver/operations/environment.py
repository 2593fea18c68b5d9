"""Every handler under the variables of a process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .. import registry
from ..errors import ConfigurationError
from ..registry import Activation


def activations(env: Mapping[str, str]) -> Sequence[Activation]:
    """Raises ConfigurationError where there is no folder of handlers."""
    try:
        return registry.activate(registry.discover("handlers"), env)
    except ImportError as error:
        raise ConfigurationError(f"The handlers cannot be loaded: {type(error).__name__}: {error}") from error
