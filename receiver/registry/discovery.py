"""`@handles`, and the handlers that a package registers with it."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ..errors import ConfigurationError, DuplicateHandler
from ..events import Event
from .broken import declarations
from .handlers import ATTEMPT_TIMEOUT_S, PARALLEL, Asks, Check, Forget, Forgets, Handler, Link, Setup, Targets, Validate
from .needs import Needs, all_of

Function = TypeVar("Function", bound=Callable[..., Any])

_registered: dict[str, Handler] = {}  # by module and function: two packages may use the same short name


def handles(
    *events: type[Event],
    needs: Needs | str | None = None,
    optional: Mapping[str, str] | None = None,
    targets: Targets | None = None,
    timeout_s: float = ATTEMPT_TIMEOUT_S,
    parallel: int = PARALLEL,
    batch: int = 1,
    pace_s: float = 0,
    validate: Validate | None = None,
    setup: Setup | None = None,
    check: Check | None = None,
    asks: Asks = True,
    label: str = "",
    link: Link | None = None,
    forget: Forget | None = None,
    forgets: Forgets = True,
) -> Callable[[Function], Function]:
    """Register a function `(event, run)` for these events; it comes back unchanged. Its outcome is what it returns.

    `needs` is what turns it on: a variable's name, or an all_of or one_of; without it the handler is on only where no
    other is. `optional` are further variables with their defaults. `targets` is a function of the settings that returns
    the settings of each target by its name, and raises ConfigurationError where they make no sense.

    Requests through the toolkit end after `timeout_s` seconds of an attempt, as a RetryLater. An attempt that takes
    longer all the same ends its process, and has failed. Up to `parallel` attempts run at once at one
    target, each in a thread, and the next begins as soon as one has ended: 20 are enough for 60 deliveries a second
    where each takes 0.3 s. 1 is for a destination where the order of writes matters. Two calls at one target begin
    at least `pace_s` seconds apart, whichever workers make them.

    With `batch` over 1 the function gets `(events, runs)`, two sequences of up to so many, and returns an outcome for
    each, in their order. An outcome may be an exception, for that run alone; what the function raises is for all.

    `validate` is a function of the settings, called at start: it raises ConfigurationError where a variable holds what
    cannot be used, and says which one and what to put there. The runs wait until then.

    `setup` is what `receiver setup <module>` does, given the settings: it yields a line for each thing done.
    `check` is what `receiver doctor` asks, given the settings, without writing anything: it yields a line for each
    thing that is right, and raises a Pause, GiveUp or RetryLater that says what is not.
    `asks` is False, or a function of the settings that returns it, where the destination cannot be asked what it has:
    before runs are sent again, people are told that these may arrive twice.
    `label` is how people call the destination, where its file's name in words is not it. `link` is a function of an
    outcome and the settings that returns where to see what was made there, an https address or "": the dashboard shows
    it.

    `forget` is a function of an event, its run and the run's outcome that deletes at the destination what the run
    brought there, when a person is erased: by an id of ours, and nothing that others made. What is gone already counts
    as deleted. It returns what stays for people to decide about, such as a contact who may have been there before, or
    "". It raises RetryLater or Pause where a later attempt may succeed, and GiveUp where none will, each with the
    reason: the receipt has it. The outcome is "" where no attempt is known to have succeeded. A later attempt finds the
    delivery erased: the event has its id and its name then, and nothing else, and the outcome no name, number, address
    or call's id. `forgets` is False, or a function of the settings that returns it, where these cannot delete.

    Raises DuplicateHandler where the name is taken, TypeError where the function cannot be called so.
    """

    def register(function: Function) -> Function:
        check_signature(function, "(event, run)" if batch == 1 else "(events, runs)")
        path = path_of(function)
        name = ".".join(path.split(".")[-2:])
        if is_another(_registered.get(path), function):
            raise DuplicateHandler(f"Two handlers are called {name}: rename one of them.")
        _registered[path] = Handler(
            name=name,
            function=function,
            events=events,
            needs=all_of(needs) if isinstance(needs, str) else needs,
            optional=optional or {},
            targets=targets,
            timeout_s=timeout_s,
            parallel=parallel,
            batch=batch,
            pace_s=pace_s,
            validate=validate,
            setup=setup,
            check=check,
            asks=asks,
            label=label,
            link=link,
            forget=forget,
            forgets=forgets,
        )
        return function

    return register


def is_another(namesake: Handler | None, function: Function) -> bool:
    """Whether it is not the same function of the same file, loaded once more."""
    if namesake is None:
        return False
    lines = {getattr(f, "__code__", None) and f.__code__.co_firstlineno for f in (namesake.function, function)}
    return len(lines) > 1 and "<locals>" not in function.__qualname__


def load(package: str) -> dict[str, Handler]:
    """Import every module of `package` and return its handlers by name.

    The handlers of a module that cannot be imported are there too, `broken`. Raises DuplicateHandler.
    """
    broken: dict[str, Handler] = {}
    for module in modules_of(package):
        broken |= import_handlers(module)
    whole = {h.name: h for h in _registered.values() if h.function.__module__.rpartition(".")[0] == package}
    return whole | broken


def modules_of(package: str) -> list[str]:
    root = importlib.import_module(package)
    return [f"{package}.{module.name}" for module in pkgutil.iter_modules(root.__path__)]


def import_handlers(module: str) -> dict[str, Handler]:
    """Import a handler's file. Returns what is broken where that fails: it stops no other handler."""
    try:
        importlib.import_module(module)
        return {}
    except ConfigurationError:
        raise
    except (Exception, SystemExit) as error:
        forget(module)
        why = f"{cannot_import(module, error)}: fix it, then start the worker again"
    return as_broken(module, module.rpartition(".")[2], why)


def forget(module: str) -> None:
    """Take out what a module had registered before its import failed."""
    for path in [path for path, handler in _registered.items() if handler.function.__module__ == module]:
        del _registered[path]


def cannot_import(module: str, error: BaseException) -> str:
    return f"{module} cannot be imported ({type(error).__name__}: {error})"


def as_broken(module: str, name: str, why: str) -> dict[str, Handler]:
    """The handlers of a file that cannot be imported, as far as its text tells of them."""
    return {
        declared: Handler(name=declared, function=never, events=events, needs=needs, broken=why)
        for declared, events, needs in declarations(module, name)
    }


def registered_in(module: str) -> list[Handler]:
    """What a module, or a package with its modules, has registered."""
    return [h for h in _registered.values() if f"{h.function.__module__}.".startswith(f"{module}.")]


def registered(function: Callable[..., Any]) -> Handler:
    """The handler that this function is."""
    return _registered[path_of(function)]


def check_signature(function: Function, arguments: str) -> None:
    """Raises TypeError, which its file's import then ends with: else the first call would, in the midst of our code."""
    name = getattr(function, "__name__", "the handler")
    if inspect.iscoroutinefunction(function):
        raise TypeError(f"{name} is async, and nobody would wait for it: a handler is a plain function")
    try:
        inspect.signature(function).bind(None, None)
    except ValueError:  # a function of C without a signature
        return
    except TypeError as error:
        raise TypeError(f"{name} should take {arguments}: {error}") from error


def path_of(function: Callable[..., Any]) -> str:
    return f"{function.__module__}.{function.__name__}"


def never(*_: Any) -> None:
    """The function of a handler whose file cannot be imported; it is never on."""
