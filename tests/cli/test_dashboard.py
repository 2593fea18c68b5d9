import subprocess
import sys

import pytest
from werkzeug.security import check_password_hash

from receiver import settings
from receiver.operations import is_link
from receiver.settings import Password, check_for_web
from tests.support.browsing import PASSWORD
from tests.support.cli import receiver
from tests.support.processes import CHECKOUT


def test_a_line_for_the_variable_does_not_tell_the_password():
    ran = subprocess.run(
        [sys.executable, "-m", "receiver", "password"], cwd=CHECKOUT, input=f"{PASSWORD}\n", capture_output=True, text=True
    )  # fmt: skip
    line = ran.stdout.strip()

    assert (ran.returncode, PASSWORD in line) == (0, False)
    assert check_password_hash(line, PASSWORD)
    check_for_web(settings.read({"INBOUNDFLOW_SIGNING_SECRET": "x", "DASHBOARD_PASSWORD": line}))


def test_a_short_password_is_refused():
    ran = subprocess.run(
        [sys.executable, "-m", "receiver", "password"], cwd=CHECKOUT, input="short\n", capture_output=True, text=True
    )

    assert (ran.returncode, "12 characters" in ran.stderr) == (2, True)


@pytest.mark.parametrize("password", ["short", "scrypt:32768:8:1", "scrypt:x"])
def test_the_web_process_refuses_a_password_that_protects_nothing(password):
    with pytest.raises(settings.ConfigurationError, match="DASHBOARD_PASSWORD"):
        check_for_web(settings.read({"INBOUNDFLOW_SIGNING_SECRET": "x", "DASHBOARD_PASSWORD": password}))


def test_no_password_stands_in_the_repr():
    read = settings.read({"DASHBOARD_PASSWORD": PASSWORD, "SECRET_KEY": "a key"})

    assert PASSWORD not in repr(read)
    assert "a key" not in repr(read)


def test_a_link_is_made_for_the_password_that_is_set_or_that_up_made(tmp_path):
    for env in ({"DASHBOARD_PASSWORD": PASSWORD}, {}):
        ran = receiver("dashboard-link", "--url", "https://calls.example.com/", DATA_DIR=str(tmp_path), **env)
        base, _, token = ran.stdout.strip().partition("/sign-in/link?token=")

        assert (ran.returncode, base) == (0, "https://calls.example.com"), ran.stderr
        assert is_link(Password(PASSWORD), token)
        (tmp_path / "dashboard_password").write_text(f"{PASSWORD}\n")


def test_without_a_password_there_is_no_link(tmp_path):
    ran = receiver("dashboard-link", DATA_DIR=str(tmp_path))

    assert (ran.returncode, "DASHBOARD_PASSWORD is not set" in ran.stderr) == (2, True)
