"""A client library is imported only where a handler that needs it is on."""

import subprocess
import sys

import pytest

from tests.support.processes import CHECKOUT

LIBRARIES = {
    "babel", "cryptography", "google.auth", "gspread", "httpcore", "httpx", "phonenumbers", "requests", "slack_sdk",
}  # fmt: skip
LOADED = f"print(sorted({LIBRARIES} & {{*sys.modules}}))"
LOAD = "import sys; from receiver import registry; handlers = registry.load('handlers'); "
SLACK = {"SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T0/B0/x"}

PROCESSES = [
    ("import sys, receiver.toolkit; ", []),
    (LOAD, []),
    (f"{LOAD} registry.activate(handlers, {{}}); ", []),
    (f"{LOAD} registry.activate(handlers, {SLACK}); ", ["httpx"]),  # which reads the URL as it will be used
]


@pytest.mark.parametrize(("script", "libraries"), PROCESSES)
def test_all_handlers_can_be_loaded_without_the_libraries_of_those_that_are_off(script, libraries):
    ran = subprocess.run([sys.executable, "-c", script + LOADED], cwd=CHECKOUT, capture_output=True, text=True)

    assert (ran.stdout, ran.stderr) == (f"{libraries}\n", "")
