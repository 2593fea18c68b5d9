"""The pages, one module each (see the room's own docstring)."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType


def page_modules() -> dict[str, ModuleType]:
    """Every module here by its name."""
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    return {name: importlib.import_module(f"{__name__}.{name}") for name in names}
