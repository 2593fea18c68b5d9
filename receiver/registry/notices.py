"""`@notifies`: ways to tell people something about the receiver itself, apart from deliveries and their runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from ..events import Delivery
from .discovery import import_handlers, modules_of
from .handlers import Activation, Check, Handler, Targets
from .needs import Needs, all_of
from .run import Run

NOTICE_TIMEOUT_S = 20

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What somebody is told: no secret and nothing that a caller said is in it."""

    key: str  # the same on every repeat
    kind: str  # attention, over, daily or test
    title: str  # one line, which says it all where there is one thing to say
    lines: Sequence[str] = ()  # below it, with what to do
    language: str = "en"  # of both
    at_us: int = 0  # microseconds since 1970, UTC
    items: Sequence[Mapping[str, Any]] = ()  # the same for programs

    @property
    def text(self) -> str:
        return "\n".join([self.title, *self.lines])

    def as_run(self, name: str, settings: Mapping[str, str], target: str = "") -> Run:
        """For what a handler's file has already: a run of a delivery that is empty, with this notice's key."""
        delivery = Delivery(key=self.key, body=b"", received_us=self.at_us)
        return Run(id=0, handler=name, target=target, settings=settings, delivery=delivery)


_registered: dict[str, Handler] = {}


def notifies(
    *,
    needs: Needs | str,
    optional: Mapping[str, str] | None = None,
    targets: Targets | None = None,
    check: Check | None = None,
) -> Callable[[Function], Function]:
    """Register a function `(notice, settings)` that sends a Notice to somebody; it comes back unchanged.

    `needs`, `optional`, `targets` and `check` are as those of `handles`. What it returns says what became of it, in a
    few words. Whatever it raises, the notice is sent again later, for a day, and nothing else waits for it.
    """

    def register(function: Function) -> Function:
        name = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
        _registered[name] = Handler(
            name=name,
            function=function,
            events=(),
            needs=all_of(needs) if isinstance(needs, str) else needs,
            optional=optional or {},
            targets=targets,
            timeout_s=NOTICE_TIMEOUT_S,
            check=check,
        )
        return function

    return register


def notifiers(package: str, env: Mapping[str, str]) -> list[Activation]:
    """Every way to tell somebody that `package` has, under `env`. A file that cannot be imported has none."""
    for module in modules_of(package):
        import_handlers(module)
    own = [each for each in _registered.values() if each.function.__module__.rpartition(".")[0] == package]
    return [each.activate(env) for each in own]
