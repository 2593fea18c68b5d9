"""The Python in the pages: run as it stands there."""

from __future__ import annotations

import re
import sys
import types
from contextlib import contextmanager

from receiver import registry
from tests.support.processes import CHECKOUT


def blocks(text):
    return re.findall(r"^```python\n(.+?)^```", text, re.DOTALL | re.MULTILINE)


def sections(page):
    """The text below each `## ` heading."""
    _, *parts = re.split(r"^## (.+)$", (CHECKOUT / page).read_text(), flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


@contextmanager
def module(name, code, page, **values):
    """The code as a module of this name; its handlers are taken out of the registry again afterwards."""
    made = types.ModuleType(name)
    vars(made).update(values)
    sys.modules[name] = made
    before = set(registry.discovery._registered)
    try:
        exec(compile(code, page, "exec"), vars(made))
        yield made
    finally:
        for handler in set(registry.discovery._registered) - before:
            del registry.discovery._registered[handler]
        del sys.modules[name]
