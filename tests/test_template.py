"""docs/template.md: a renamed copy passes its checks, and takes in a later version without a conflict."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.pages import sections
from tests.support.processes import CHECKOUT
from tests.template import ADDRESS, OURS, commit, git, renamed

BIN = Path(sys.executable).parent
KEPT = shutil.ignore_patterns("__pycache__", ".git", ".venv", "var", ".*_cache", "node_modules")
PAGE = sections("docs/template.md")
ADDRESS_OF_OURS = OURS["urls"]["Repository"]


@pytest.fixture(scope="module")
def upstream(tmp_path_factory):
    """This checkout as it stands, in a repository of its own."""
    place = tmp_path_factory.mktemp("template") / "upstream"
    shutil.copytree(CHECKOUT, place, ignore=KEPT)
    git("init", "--quiet", "--initial-branch=main", str(place))
    commit(place, "As it stands")
    return place


@pytest.fixture(scope="module")
def copy(upstream):
    renamed(upstream, upstream.parent / "our-copy")
    return upstream.parent / "our-copy"


def rename(folder, *arguments):
    return subprocess.run(["./bin/rename", *arguments], cwd=folder, capture_output=True, text=True)


def test_no_word_of_the_former_address_is_left(copy):
    left = subprocess.run(["git", "grep", "-nE", f"{ADDRESS_OF_OURS}|OWNER/[a-z]|(^|[^_a-z-]){OURS['name']}($|[^a-z-])", "--", "."],
                          cwd=copy, capture_output=True, text=True)  # fmt: skip

    assert [line for line in left.stdout.splitlines() if "re.compile(" not in line] == []
    assert rename(copy, "--check").returncode == 0


def test_the_check_before_a_release_names_the_places_where_no_address_is_set(upstream, copy):
    unset = rename(copy, ADDRESS.replace("/acme/", "/OWNER/"))
    checked = rename(copy, "--check")
    rename(copy, ADDRESS)

    assert unset.returncode == 0
    assert checked.returncode == 1
    assert {"README.md", "app.json", "recipes/heroku.md", "recipes/es/render.md", "mock_sender/pyproject.toml"} <= {
        line.partition(":")[0] for line in checked.stdout.splitlines()
    }


def test_the_former_address_undoes_it(upstream, copy):
    rename(copy, ADDRESS_OF_OURS)
    difference = git("-C", str(copy), "diff", "--stat", "upstream/main")
    rename(copy, ADDRESS)

    assert difference == ""


REFUSED = [
    ("acme/calls",                               "should look like https://github.com/ACCOUNT/NAME-OF-YOURS"),
    ("https://github.com/acme/calls",            "in small letters with a hyphen in it"),
    ("https://github.com/acme/mock-sender",      "mock-sender is a word of the project already"),
]  # fmt: skip


@pytest.mark.parametrize(("address", "words"), REFUSED)
def test_what_could_not_be_undone_is_refused_and_changes_nothing(copy, address, words):
    refused = rename(copy, address)

    assert (refused.returncode, words in refused.stderr) == (2, True), refused.stderr
    assert git("-C", str(copy), "status", "--porcelain") == ""


def test_a_renamed_copy_passes_its_quick_tests(copy):
    quick = ["tests/test_docs.py", "tests/test_recipes_parity.py", "tests/deploy/test_platform_files.py"]
    quick += ["tests/deploy/test_recipes.py", "tests/handlers/test_zapier.py"]
    options = ["-q", "-p", "no:cacheprovider", "-m", "not timed"]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": ".", "HOME": str(copy)}

    formatted = subprocess.run([BIN / "ruff", "format", "--check", "."], cwd=copy, capture_output=True, text=True)
    tested = subprocess.run([sys.executable, "-m", "pytest", *options, *quick], cwd=copy, env=env, capture_output=True,
                            text=True)  # fmt: skip

    assert formatted.returncode == 0, formatted.stdout
    assert tested.returncode == 0, tested.stdout[-3000:]


def test_a_later_version_is_taken_in_without_a_conflict_by_the_commands_of_the_page(upstream, copy, monkeypatch):
    (copy / "handlers" / "ours.py").write_text('"""Ours."""\n')
    commit(copy, "A handler of ours")
    app = upstream / "app.json"
    app.write_text(app.read_text().replace(ADDRESS_OF_OURS, f"{ADDRESS_OF_OURS}#later"))  # in a line that was renamed
    commit(upstream, "Later")
    [commands] = re.findall(r"```sh\n(.+?)```", PAGE["Take in a later version"], re.DOTALL)
    names = {f"GIT_{who}_{what}": "t@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    commands = commands.replace("https://github.com/ACCOUNT/NAME-OF-YOURS", ADDRESS)
    kept = [line for line in commands.splitlines() if line.startswith(("git", "./bin/rename"))]

    for line in kept:
        subprocess.run(line, shell=True, cwd=copy, env=os.environ | names, check=True, capture_output=True)

    assert f"{ADDRESS}#later" in (copy / "app.json").read_text()
    assert (copy / "handlers" / "ours.py").exists()
    assert git("-C", str(copy), "status", "--porcelain") == ""
