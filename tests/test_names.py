import subprocess
import sys

import receiver
from tests.processes import CHECKOUT

LARGE = ("httpx", "babel", "phonenumbers", "gspread", "slack_sdk")


def test_every_name_that_a_handler_may_use_is_there():
    assert [name for name in receiver.__all__ if not hasattr(receiver, name)] == []


def test_what_only_workers_need_is_not_loaded_by_the_others():
    script = f"import sys, receiver.app, receiver.cli; print([m for m in {LARGE} if m in sys.modules])"

    said = subprocess.run([sys.executable, "-c", script], cwd=CHECKOUT, capture_output=True, text=True).stdout

    assert said == "[]\n"
