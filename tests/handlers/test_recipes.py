import importlib
import re
from pathlib import Path

import pytest

from receiver import registry
from tests.processes import CHECKOUT

HEADINGS = [
    "What you get", "Before you start", "Settings", "Set it up", "Check that it works", "When it fails",
    "What happens on replay",
]  # fmt: skip


def handler_modules():
    return sorted({handler.function.__module__ for handler in registry.load("handlers").values()})


@pytest.mark.parametrize("module", handler_modules())
def test_every_handler_names_its_recipe_and_the_recipe_has_its_headings(module):
    recipe = re.search(r"Recipe: (recipes/[a-z0-9-]+\.md)\.", importlib.import_module(module).__doc__)

    text = (CHECKOUT / recipe[1]).read_text()

    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == HEADINGS


@pytest.mark.parametrize("name", sorted(registry.load("handlers")))
def test_a_recipe_names_every_variable_of_its_handler(name):
    handler = registry.load("handlers")[name]
    recipe = Path(CHECKOUT / "recipes" / f"{name.partition('.')[0].replace('_', '-')}.md").read_text()
    variables = [*(handler.needs.names() if handler.needs else []), *handler.optional]

    assert [variable for variable in variables if variable not in recipe] == []
