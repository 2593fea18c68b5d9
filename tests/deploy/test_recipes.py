"""The pages about platforms: the same headings, and only commands, files and variables that are there."""

import re

import pytest

from receiver.cli import commands
from tests.deploy.test_platform_files import ours
from tests.support.processes import CHECKOUT

PAGES = ("heroku", "render", "fly", "railway", "docker")
HEADINGS = ["Before you start", "Do it", "Check that it works", "When it fails"]
THEIRS = re.compile(r"RAILWAY_\w+|YOUR-\w+|PYTHON_VERSION|WEB_COMMAND|OWNER|BASE|DNS|SECRET|URL")


def page(name):
    return (CHECKOUT / "recipes" / f"{name}.md").read_text()


@pytest.mark.parametrize("name", PAGES)
def test_a_platforms_recipe_has_its_headings_and_its_check_ends_with_doctor(name):
    text = page(name)

    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == HEADINGS
    check = text.partition("## Check that it works")[2].partition("## ")[0]
    assert re.findall(r"```sh\n(.*?)```", check, re.DOTALL)[-1].rstrip().rstrip('"').endswith("receiver doctor")


@pytest.mark.parametrize("name", PAGES)
def test_every_command_of_ours_on_the_page_exists(name):
    said = re.findall(r"(?:bin/|-m |-C \"|-- |receiver )receiver ([a-z]+)", page(name))

    assert said
    assert [word for word in said if word not in commands.list_commands(None)] == []


@pytest.mark.parametrize("name", PAGES)
def test_every_variable_on_the_page_is_one_that_somebody_reads(name):
    words = set(
        re.findall(
            r"`([A-Z][A-Z0-9]*_[A-Z0-9_]+)(?:=[^`]*)?`|^ *([A-Z][A-Z0-9]*_[A-Z0-9_]+)=", page(name), re.MULTILINE
        )
    )
    named = {one or other for one, other in words}

    assert sorted(word for word in named - ours() if not THEIRS.fullmatch(word)) == []


@pytest.mark.parametrize("name", PAGES)
def test_every_file_on_the_page_is_there(name):
    files = re.findall(r"`((?:deploy/)?[\w.-]+\.(?:yaml|toml|example|lock))`|`(Dockerfile|Procfile)`", page(name))

    assert [one or other for one, other in files if not (CHECKOUT / (one or other)).exists()] == []
