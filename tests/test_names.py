import subprocess
import sys

import pytest

import receiver
import receiver.toolkit
from tests.support.processes import CHECKOUT

OF_HANDLERS = ("httpx", "babel", "phonenumbers", "gspread", "slack_sdk")


@pytest.mark.parametrize("tier", [receiver, receiver.toolkit])
def test_every_name_that_a_handler_may_use_is_there(tier):
    assert [name for name in tier.__all__ if not hasattr(tier, name)] == []


@pytest.mark.parametrize(
    ("process", "others"),
    [
        ("receiver.app.server", {*OF_HANDLERS, "psycopg"}),
        ("receiver.worker", {"flask", "gunicorn", "psycopg"}),
        ("receiver.up", {*OF_HANDLERS, "flask", "gunicorn", "psycopg", "redis"}),
        ("receiver.operations", {*OF_HANDLERS, "click", "flask", "gunicorn", "psycopg", "redis"}),
        ("receiver.cli.repair", {*OF_HANDLERS, "flask", "gunicorn", "psycopg", "redis"}),
    ],
)
def test_a_process_loads_what_it_needs_and_no_large_library_of_anothers(process, others):
    script = f"import sys, {process}; print({others} & {{*sys.modules}})"

    said = subprocess.run([sys.executable, "-c", script], cwd=CHECKOUT, capture_output=True, text=True).stdout

    assert said == "set()\n"
