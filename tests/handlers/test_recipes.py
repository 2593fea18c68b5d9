import importlib
import re
from pathlib import Path

import pytest

from receiver import registry
from tests.support.processes import CHECKOUT

HEADINGS = [
    "What you get", "Before you start", "Settings", "Set it up", "Check that it works", "When it fails",
    "What happens on replay",
]  # fmt: skip
FRONT_DESK = "How a front desk works with it"  # the last, where people at the business work with what arrives
OF_A_CHORE = ["Before you start", "Do it", "Check that it works", "When it fails"]


def headings(recipe):
    return re.findall(r"^## (.+)$", recipe.read_text(), re.MULTILINE)


RECIPES = sorted((CHECKOUT / "recipes").glob("*.md"))
CHORES = [path for path in RECIPES if "Do it" in headings(path)]  # and hosts
DESTINATIONS = [path for path in RECIPES if path not in CHORES]


@pytest.mark.parametrize("recipe", DESTINATIONS, ids=lambda path: path.name)
def test_a_destinations_recipe_has_its_headings(recipe):
    assert headings(recipe) in (HEADINGS, [*HEADINGS, FRONT_DESK])


@pytest.mark.parametrize("recipe", CHORES, ids=lambda path: path.name)
def test_a_hosts_or_chores_recipe_has_its_headings_and_may_say_more_in_between(recipe):
    assert [heading for heading in headings(recipe) if heading in {*OF_A_CHORE, *HEADINGS}] == OF_A_CHORE


def handler_modules():
    return sorted({handler.function.__module__ for handler in registry.load("handlers").values()})


@pytest.mark.parametrize("module", handler_modules())
def test_every_handler_names_its_recipe_and_that_is_a_destinations(module):
    recipe = re.search(r"Recipe: (recipes/[a-z0-9-]+\.md)\.", importlib.import_module(module).__doc__)

    assert CHECKOUT / recipe[1] in DESTINATIONS


@pytest.mark.parametrize("recipe", DESTINATIONS, ids=lambda path: path.name)
def test_a_destinations_check_ends_with_doctor(recipe):
    check = re.search(r"^## Check that it works\n(.+?)^## ", recipe.read_text(), re.DOTALL | re.MULTILINE)[1]

    assert check.endswith("\n```sh\n.venv/bin/receiver doctor\n```\n\n")


@pytest.mark.parametrize("name", sorted(registry.load("handlers")))
def test_a_recipe_names_every_variable_of_its_handler(name):
    handler = registry.load("handlers")[name]
    recipe = Path(CHECKOUT / "recipes" / f"{name.partition('.')[0].replace('_', '-')}.md").read_text()
    variables = [*(handler.needs.names() if handler.needs else []), *handler.optional]

    assert [variable for variable in variables if variable not in recipe] == []
