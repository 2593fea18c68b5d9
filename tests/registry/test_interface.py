"""What handlers may import is kept: whatever changes it changes its number too."""

import importlib.resources

import receiver
from receiver import INTERFACE, testing, toolkit
from tests.support.processes import CHECKOUT
from tests.support.reference import interface

KEPT = CHECKOUT / "tests" / "registry" / "interface.txt"
TO_DO = (
    "The interface of handlers has changed. Raise INTERFACE in receiver/registry/plugins.py (its second number where "
    "something was added; for anything else see docs/handlers.md, What may change), say so in CHANGELOG.md, and run "
    "python -m tests.support.reference > tests/registry/interface.txt"
)


def test_a_change_of_the_interface_changes_its_number():
    assert interface().splitlines() == KEPT.read_text().splitlines(), TO_DO


def test_the_interface_begins_with_its_number_and_has_every_public_name():
    first, *lines = interface().splitlines()

    assert first == f"handler interface {INTERFACE}"
    names = {line.partition("(")[0].partition(":")[0].partition(".")[0] for line in lines}
    assert names == {*receiver.__all__, *toolkit.__all__, *testing.__all__}


def test_the_package_says_that_it_is_typed():
    assert importlib.resources.files("receiver").joinpath("py.typed").is_file()
