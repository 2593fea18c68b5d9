"""Handlers of installed packages, which name them by entry points. One that cannot be used stops no other."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import metadata

from ..errors import ConfigurationError
from .discovery import as_broken, cannot_import, forget, load, never, registered_in
from .handlers import Handler

# What a handler may import, and how it is called. The first number rises where something that handlers rely on is
# taken away or changed, the second where something is added: docs/handlers.md, "Versions".
INTERFACE = "1.3"
GROUP = "inboundflow_receiver.handlers"  # of entry points, for the first number 1
NAME = re.compile(r"[a-z][a-z0-9_]*")  # it begins a variable's name, and a queue's


@dataclass(frozen=True, kw_only=True)
class Plugin:
    """A package's entry point: `name` is what its handlers' names and `…_EVENTS` begin with."""

    name: str
    module: str
    origin: str  # the package and its version


def discover(package: str) -> dict[str, Handler]:
    """The handlers of `package` and of every plug-in that is installed, by name.

    What cannot be used of them is there too, `broken`. Raises DuplicateHandler for two of `package`.
    """
    handlers = load(package)
    taken = {handler.module: f"a file of {package}/" for handler in handlers.values()}
    for plugin in plugins():
        if plugin.name in taken:
            handlers |= unusable(plugin, f"{taken[plugin.name]} has that name too: rename that, or uninstall one")
        else:
            handlers |= handlers_of(plugin)
            taken[plugin.name] = plugin.origin
    return handlers


def plugins() -> list[Plugin]:
    """Those that are installed, by name and package.

    Of a package that is there twice, the first on Python's path: the one that is imported.
    """
    first: dict[tuple[str, str], Plugin] = {}
    for package in metadata.distributions():
        for plugin in entry_points(package):
            first.setdefault((plugin.name, plugin.origin.partition(" ")[0].lower()), plugin)
    return [first[key] for key in sorted(first)]


def entry_points(package: metadata.Distribution) -> Iterator[Plugin]:
    try:
        points = package.entry_points.select(group=GROUP)
    except Exception:  # another tool's metadata, which is none of ours
        return
    for point in points:
        name = point.name.lower().replace("-", "_")
        yield Plugin(name=name, module=point.module, origin=f"{package.metadata['Name']} {package.version}")


def handlers_of(plugin: Plugin) -> dict[str, Handler]:
    if not NAME.fullmatch(plugin.name):
        return unusable(plugin, "its entry point's name should be letters, digits and _, as in a variable's name")
    try:
        importlib.import_module(plugin.module)
    except (Exception, SystemExit) as error:
        forget(plugin.module)
        return broken(plugin, error)
    handlers = [of_plugin(handler, plugin) for handler in registered_in(plugin.module)]
    return {handler.name: handler for handler in handlers} or unusable(
        plugin, f"{plugin.module} registers no handler: put @handles over a function in it"
    )


def of_plugin(handler: Handler, plugin: Plugin) -> Handler:
    return replace(handler, name=f"{plugin.name}.{handler.name.rpartition('.')[2]}", origin=plugin.origin)


def broken(plugin: Plugin, error: BaseException) -> dict[str, Handler]:
    """Its runs wait where one of its variables is set."""
    what = str(error) if isinstance(error, ConfigurationError) else cannot_import(plugin.module, error)
    why = f"{what}: install a version of {plugin.origin} for handler interface {INTERFACE}, or uninstall it"
    return {
        name: replace(handler, origin=plugin.origin)
        for name, handler in as_broken(plugin.module, plugin.name, why).items()
    }


def unusable(plugin: Plugin, why: str) -> dict[str, Handler]:
    """Nothing is opened for it, and its name is no handler's."""
    name = f"{plugin.name} ({plugin.origin})"
    return {name: Handler(name=name, function=never, events=(), broken=f"{plugin.origin}: {why}", origin=plugin.origin)}
