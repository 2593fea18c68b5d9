"""Writes docs/handlers.md's entry for a name: its signature, its docstring, its fields with their comments."""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
import textwrap
from collections.abc import Iterator
from typing import Any

import receiver
from receiver import testing, toolkit

FIELD = re.compile(r"    (\w+): (.+?)(?: = (.+?))?(?:  # (.+))?")


def entries(*names: str) -> str:
    """The entries of these names, as Markdown."""
    return "\n".join(line for name in names for line in entry(name)).strip()


def names() -> list[str]:
    """Of all three tiers."""
    return sorted({*receiver.__all__, *toolkit.__all__, *testing.__all__})


def public(name: str) -> Any:
    return next(getattr(tier, name) for tier in (receiver, toolkit, testing) if hasattr(tier, name))


def entry(name: str) -> Iterator[str]:
    value = inspect.unwrap(public(name))
    if inspect.isfunction(value):
        yield f"### `{name}`\n\n`{name}{signature(value)}`\n\n{paragraphs(value)}\n"
    elif inspect.isclass(value):
        yield f"### `{name}`\n\n{paragraphs(value)}\n"
        yield from members(value)
    else:
        yield f"### `{name}`\n\n`{shown(value)}`\n\n{comment_above(name)}\n"


def signature(function: object) -> str:
    """Without the quotes that postponed annotations have."""
    text = re.sub(r"(: |-> )'([^']*)'", r"\1\2", str(inspect.signature(function)))
    return re.sub(r"<function (\w+) at .*?>", r"\1", text)


def paragraphs(value: object) -> str:
    """The docstring, a line for each paragraph."""
    text = inspect.getdoc(value) or ""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def members(kind: type) -> Iterator[str]:
    """An exception's arguments, a protocol's methods, or a dataclass's own fields."""
    if issubclass(kind, Exception):
        if "__init__" in vars(kind):
            yield f"`{kind.__name__}{signature(kind.__init__).replace('self, ', '')}`\n"
    elif dataclasses.is_dataclass(kind):
        bases = [base for base in kind.__mro__[1:] if dataclasses.is_dataclass(base)]
        fields = [row for base in [*bases, kind] if base is kind or not is_public(base) for row in own_fields(base)]
        yield from (
            f"The fields of `{base.__name__}`{', and:' if fields else '.'}\n" for base in bases if is_public(base)
        )
        if fields:
            yield "| field | type | default | what it is |\n| --- | --- | --- | --- |"
            yield from fields
            yield ""
    else:
        for name, method in vars(kind).items():
            if inspect.isfunction(method) and not name.startswith("_"):
                yield f"- `{name}{signature(method).replace('self, ', '')}`: {paragraphs(method)}"
        yield ""


def is_public(kind: type) -> bool:
    return kind.__name__ in names()


def own_fields(kind: type) -> list[str]:
    lines = inspect.getsource(kind).splitlines()
    fields = [match.groups("") for line in lines if (match := FIELD.fullmatch(line))]
    return [
        f"| `{name}` | `{annotation.replace('|', chr(92) + '|')}` | {default(given)} | {what} |"
        for name, annotation, given, what in fields
    ]


def default(text: str) -> str:
    """As written, but for what a factory makes."""
    text = {"field(default_factory=dict)": "{}"}.get(text, text)
    return f"`{text}`" if text else ""


def shown(value: object) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(kind.__name__ for kind in value)})"
    return re.sub(r"receiver\.errors\.", "", str(value))


def comment_above(name: str) -> str:
    """The comment lines right above a constant, in the module that makes it."""
    for module in [module for title, module in sys.modules.items() if title.startswith("receiver.")]:
        source = inspect.getsource(module) if getattr(module, "__file__", "") else ""
        if match := re.search(rf"((?:^# .+\n)+)^{name}(?:: [^=\n]+)? = ", source, re.MULTILINE):
            return " ".join(textwrap.dedent(match[1]).replace("# ", "").split())
    raise LookupError(f"{name} has no comment above it")


def interface() -> str:
    """Every public name with what a handler can rely on of it, a line for each: what a change is seen by."""
    lines = [line for name in names() for line in outline(name)]
    return "\n".join([f"handler interface {receiver.INTERFACE}", *lines])


def outline(name: str) -> Iterator[str]:
    value = inspect.unwrap(public(name))
    if inspect.isfunction(value):
        yield f"{name}{signature(value)}"
    elif inspect.isclass(value):
        yield f"{name}({', '.join(base.__name__ for base in value.__bases__)})"
        if dataclasses.is_dataclass(value):
            yield from (f"{name}.{field.name}: {field.type}" for field in dataclasses.fields(value))
        methods = {key: part for key, part in vars(value).items() if inspect.isfunction(part)}
        yield from (f"{name}.{key}{signature(part)}" for key, part in methods.items() if is_told(key, value))
    else:
        yield f"{name}: {type(value).__name__}"


def is_told(method: str, kind: type) -> bool:
    """Not what a dataclass makes by itself."""
    return not method.startswith("_") or (method == "__init__" and not dataclasses.is_dataclass(kind))


if __name__ == "__main__":
    print(interface())
