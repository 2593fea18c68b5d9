"""What turns a handler on: variables, all of several, or any one of several."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..locales import Texts, joined

TEXTS = Texts({"or": (" or ", " o "), "and": (" and ", " y ")})


@dataclass(frozen=True)
class Variable:
    """One variable. An ambient one is set on many machines anyway: alone it makes no handler misconfigured."""

    name: str
    ambient: bool = False

    def complete(self, env: Mapping[str, str]) -> bool:
        return bool(env.get(self.name, "").strip())

    def begun(self, env: Mapping[str, str]) -> bool:
        """Whether something was set that only makes sense for this handler."""
        return self.complete(env) and not self.ambient

    def names(self) -> Iterator[str]:
        yield self.name

    def chosen(self, env: Mapping[str, str]) -> Iterator[str]:
        """The variables of the first complete set."""
        if self.complete(env):
            yield self.name

    def missing(self, env: Mapping[str, str]) -> str:
        """What is still to be set, as a person would say it."""
        return "" if self.complete(env) else self.name


@dataclass(frozen=True)
class Needs:
    """All of its parts, or any one of them; in a choice the first complete part wins."""

    parts: tuple[Needs | Variable, ...]
    any_will_do: bool = False

    def complete(self, env: Mapping[str, str]) -> bool:
        return (any if self.any_will_do else all)(part.complete(env) for part in self.parts)

    def begun(self, env: Mapping[str, str]) -> bool:
        return any(part.begun(env) for part in self.parts)

    def names(self) -> Iterator[str]:
        for part in self.parts:
            yield from part.names()

    def chosen(self, env: Mapping[str, str]) -> Iterator[str]:
        complete = [part for part in self.parts if part.complete(env)]
        for part in complete[:1] if self.any_will_do else complete:
            yield from part.chosen(env)

    def missing(self, env: Mapping[str, str]) -> str:
        if self.complete(env):
            return ""
        absent = [part for part in self.parts if not part.complete(env)]
        if self.any_will_do:
            absent = [part for part in absent if part.begun(env)] or absent
        return joined(TEXTS("or" if self.any_will_do else "and"), [part.missing(env) for part in absent])


def all_of(*parts: Needs | Variable | str) -> Needs:
    """For `needs`: on where every part is set. A part is a variable's name, or another all_of, one_of or ambient.

    Where only some are set, the handler is misconfigured, and its runs wait.
    """
    return Needs(tuple(variable(part) for part in parts))


def one_of(*parts: Needs | Variable | str) -> Needs:
    """For `needs`: on where any part is set; `run.settings` holds the variables of the first that is."""
    return Needs(tuple(variable(part) for part in parts), any_will_do=True)


def ambient(name: str) -> Variable:
    """For `needs`: a variable that is set on many machines anyway, and alone makes no handler misconfigured."""
    return Variable(name, ambient=True)


def variable(part: Needs | Variable | str) -> Needs | Variable:
    return Variable(part) if isinstance(part, str) else part
