"""What a handler's file says of its handlers where Python cannot import it: read from its text."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from pathlib import Path

from ..events import EVENTS, EVERY_EVENT, Event
from .needs import Needs, one_of

Declaration = tuple[str, tuple[type[Event], ...], Needs | None]


def declarations(module: str, name: str) -> list[Declaration]:
    """The name, the events and the variables of each function under `@handles`, as far as they can be read.

    Where none can, the handlers' own `name` with no event.
    """
    return [*read_declarations(name, tree_of(module))] or [(name, (), None)]


def tree_of(module: str) -> ast.Module:
    try:
        spec = importlib.util.find_spec(module)
        return ast.parse(Path(spec.origin).read_bytes() if spec and spec.origin else b"")
    except (Exception, SystemExit):  # a module's package is imported to find it, and may be what is broken
        return ast.Module([], [])


def read_declarations(name: str, tree: ast.Module) -> Iterator[Declaration]:
    for node in tree.body:
        for call in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
            if isinstance(call, ast.Call) and ast.unparse(call.func).rpartition(".")[2] == "handles":
                yield f"{name}.{node.name}", events_in(call), needs_in(call)  # type: ignore[attr-defined]


def events_in(call: ast.Call) -> tuple[type[Event], ...]:
    names = {ast.unparse(argument).rpartition(".")[2].lstrip("*") for argument in call.args}
    return EVERY_EVENT if "EVERY_EVENT" in names else tuple(e for e in EVENTS.values() if e.__name__ in names)


def needs_in(call: ast.Call) -> Needs | None:
    """Any one of the variables that are named, as setting one shows that the handler is wanted."""
    values = [keyword.value for keyword in call.keywords if keyword.arg == "needs"]
    words = [n.value for value in values for n in ast.walk(value) if isinstance(n, ast.Constant)]
    names = [word for word in words if isinstance(word, str)]
    return one_of(*names) if names else None
