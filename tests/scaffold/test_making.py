"""`receiver new handler` makes files that pass every check as they are, and says what to do where it cannot."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import plugins
from tests.support.processes import CHECKOUT

BIN = Path(sys.executable).parent
LONGEST = "crm_of_twenty_letter"
KEPT = shutil.ignore_patterns("__pycache__", ".git", ".venv", "var", ".*_cache", "node_modules")


def run(folder, *command, **env):
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=300,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": ".", "HOME": str(folder), **env},
    )  # fmt: skip


def new_handler(folder, *arguments):
    return run(folder, sys.executable, "-m", "receiver", "new", "handler", *arguments, PYTHONPATH=str(CHECKOUT))


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of this one, in which two handlers were made."""
    copy = tmp_path_factory.mktemp("made") / "checkout"
    shutil.copytree(CHECKOUT, copy, ignore=KEPT)
    for arguments in (["acme"], [LONGEST, "--title", "The CRM of Ada Moreno & Kin"]):
        made = new_handler(copy, *arguments)
        assert (made.returncode, made.stderr) == (0, "")
    run(copy, BIN / "cog", "-r", "README.md", "README.es.md")
    return copy


CHECKS = {
    "ruff format": ["ruff", "format", "--check", "handlers", "tests/handlers"],
    "ruff check": ["ruff", "check", "handlers", "tests/handlers"],
    "mypy": ["mypy", "handlers/acme.py", f"handlers/{LONGEST}.py"],
    "lint-imports": ["lint-imports"],
    "cog": ["cog", "--check", "README.md", "README.es.md"],
}


@pytest.mark.parametrize("command", CHECKS.values(), ids=CHECKS)
def test_what_is_made_passes_the_checks_as_it_is(checkout, command):
    ran = run(checkout, BIN / command[0], *command[1:])

    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_what_is_made_passes_its_own_tests_and_those_of_the_pages(checkout):
    tests = ["tests/handlers/test_acme.py", "tests/handlers/test_recipes.py"]
    pages = ["tests/test_recipes_parity.py", "tests/test_docs.py", "tests/deploy/test_recipes.py"]

    of_ours = f"acme or {LONGEST} or {LONGEST.replace('_', '-')} or README or reached"

    ran = run(checkout, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", of_ours, *tests, *pages)

    assert ran.returncode == 0, ran.stdout[-5000:]


OF_A_BUSINESS = {
    "ACME_URL": "https://api.pipedrive.com",
    "ACME_TOKEN": "t0ken",
    "ACME_EVENTS": "call.completed",
    "ACME_URGENCY": "high",
    "BUSINESS_TIMEZONE": "Europe/Madrid",
    "BUSINESS_LANGUAGE": "es",
}


def test_a_business_of_several_can_set_all_that_it_reads_but_what_is_the_operators(checkout, tmp_path):
    listing = "from receiver import registry as r; print(*r.variables([r.load('handlers')['acme.keep_caller']]))"

    names = run(checkout, sys.executable, "-c", listing).stdout.split()
    added = add_business(checkout, tmp_path, **OF_A_BUSINESS)

    assert set(names) == {*OF_A_BUSINESS, "FORWARD_ALLOW_HOSTS"}
    assert (added.returncode, added.stderr.count("Traceback")) == (0, 0), added.stderr


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://api.pipedrive.com", "ACME_URL should begin with https://"),
        ("https://169.254.169.254", "ACME_URL leads to a private address"),
        ("http://127.0.0.1:6379", "ACME_URL leads to a private address"),
    ],
)
def test_a_business_can_set_no_address_that_is_in_the_clear_or_private(checkout, tmp_path, address, words):
    refused = add_business(checkout, tmp_path, ACME_URL=address, ACME_TOKEN="t0ken")

    assert (refused.returncode, words in " ".join(refused.stderr.split())) == (2, True), refused.stderr


def add_business(checkout, data_dir, **variables):
    pairs = [f"{name}={value}" for name, value in variables.items()]
    return run(checkout, sys.executable, "-m", "receiver", "sources", "add", "shop", *pairs, DATA_DIR=str(data_dir))


def test_it_names_the_commands_that_come_next(tmp_path):
    for path in ("handlers/__init__.py", "bin/bootstrap.py", "tests/conftest.py", "recipes/es/x", "pyproject.toml"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()

    made = new_handler(tmp_path, "zoho_crm")

    assert made.stdout.splitlines() == [
        "made handlers/zoho_crm.py",
        "made tests/handlers/test_zoho_crm.py",
        "made recipes/zoho-crm.md",
        "made recipes/es/zoho-crm.md",
        "Then:",
        "  .venv/bin/cog -r README.md README.es.md",
        "  ./bin/test tests/handlers/test_zoho_crm.py tests/handlers/test_recipes.py tests/test_recipes_parity.py",
    ]


REFUSED = [
    (["acme"],           "is no checkout of the receiver"),
    (["acme"],           "make a package of its own, anywhere: --package"),
    (["Acme"],           "Write up to 20 small letters, digits and _"),
    (["class"],          "class cannot be a handler's name"),
    (["a" * 21],         "cannot be a handler's name"),
    (["../x"],           "cannot be a handler's name"),
    (["acme", "--title", 'A "CRM"'], "A title is up to 40 letters, without quotes and braces"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "words"), REFUSED)
def test_where_it_cannot_it_makes_nothing_and_says_what_to_do(tmp_path, arguments, words):
    refused = new_handler(tmp_path, *arguments)

    assert refused.returncode == 2
    assert words in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_over(checkout):
    before = (checkout / "handlers" / "acme.py").read_text()

    refused = new_handler(checkout, "acme", "--title", "Another")

    assert refused.returncode == 2
    assert re.search(r"is there already, so nothing was made", refused.stderr)
    assert (checkout / "handlers" / "acme.py").read_text() == before


def test_a_package_is_a_handler_outside_of_a_checkout_that_passes_its_test_and_is_found(tmp_path):
    made = new_handler(tmp_path, "zoho_crm", "--package")
    assert (made.returncode, made.stderr) == (0, "")
    plugins.install(tmp_path / "site", tmp_path / "inboundflow-zoho-crm")
    path = f"{tmp_path / 'site'}:{CHECKOUT}"

    tested = run(
        tmp_path / "inboundflow-zoho-crm", sys.executable, "-m", "pytest", "-q", "-k", "not order", PYTHONPATH=path
    )
    found = run(CHECKOUT, sys.executable, "-m", "receiver", "doctor", "--offline", PYTHONPATH=path,
                DATA_DIR=str(tmp_path), ZOHO_CRM_TOKEN="x")  # fmt: skip

    assert tested.returncode == 0, tested.stdout
    assert "set ZOHO_CRM_URL" in " ".join(found.stdout.split())


@pytest.mark.parametrize("page", ["README.md", "README.es.md"])
def test_a_packages_pages_lead_to_no_page_that_it_does_not_have(tmp_path, page):
    new_handler(tmp_path, "zoho_crm", "--package")

    text = (tmp_path / "inboundflow-zoho-crm" / page).read_text()

    assert re.findall(r"\]\((?!https://)", text) == []
