"""docs/handlers.md shows every name of the three tiers, and its examples run as they stand there."""

import re

import pytest

from receiver import Run
from tests.support.acme import TOKEN, acme
from tests.support.pages import blocks, module, sections
from tests.support.processes import CHECKOUT
from tests.support.reference import names
from tests.support.tools import a_delivery, completed

PAGE = "docs/handlers.md"
NAMES = names()
SECTIONS = sections(PAGE)


def headings(text):
    return re.findall(r"^### `(\w+)`$", text, re.MULTILINE)


def test_the_page_has_an_entry_for_each_name_and_no_other():
    assert sorted(headings((CHECKOUT / PAGE).read_text())) == NAMES


@pytest.mark.parametrize("title", SECTIONS)
def test_a_sections_example_uses_each_of_its_names(title):
    example = "\n".join(blocks(SECTIONS[title]))
    below = re.sub(r"^from receiver.*?import (\([^)]*\)|.*)$", "", example, flags=re.MULTILINE)

    assert [name for name in headings(SECTIONS[title]) if not re.search(rf"\b{name}\b", below)] == []


@pytest.mark.parametrize("title", SECTIONS)
def test_a_sections_example_runs(title):
    example = "\n".join(blocks(SECTIONS[title]))
    event = completed()
    with acme() as server:
        run = Run(
            id=1, handler="acme.keep", settings={"ACME_URL": server.url, "ACME_TOKEN": TOKEN},
            delivery=a_delivery("call.completed"),
        )  # fmt: skip
        with module("page.acme", example, PAGE, acme=server.url, event=event, run=run):
            pass
