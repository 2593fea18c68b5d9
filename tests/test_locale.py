"""Locales whose encoding is not UTF-8, variables that are not, and users without a home."""

import json
import os
import shutil
import subprocess
import sys
import time

import httpx
import pytest

from mock_sender.sign import sign
from receiver.errors import ConfigurationError
from receiver.settings import read
from tests.support.processes import CHECKOUT, free_port, is_ready, started, until
from tests.support.tools import lacking

SIGNS = "delivery → 漢 😀 é"


@pytest.fixture(scope="session", params=["es_ES", "ru_RU"])
def latin(request, tmp_path_factory):
    """The variables of a terminal in a locale as it is called without .UTF-8: in Latin-1, or in KOI8-R."""
    if not shutil.which("localedef"):
        lacking("localedef")
    folder = tmp_path_factory.mktemp("locales")
    charmap = {"es_ES": "ISO-8859-1", "ru_RU": "KOI8-R"}[request.param]
    made = subprocess.run(
        ["localedef", "-i", request.param, "-f", charmap, folder / f"{request.param}.{charmap}"], capture_output=True
    )
    if made.returncode > 1:
        lacking("the sources of locales (on Debian: apt install locales)")
    return {"LOCPATH": str(folder), "LC_ALL": f"{request.param}.{charmap}", "LANG": "", "PYTHONUTF8": "0"}


def run(*arguments, **env):
    return subprocess.run(
        [sys.executable, "-m", *arguments], cwd=CHECKOUT, env={"PATH": os.environ["PATH"], **env},
        capture_output=True, timeout=30,
    )  # fmt: skip


@pytest.fixture
def delivered(latin, tmp_path):
    """A delivery with signs of everywhere, brought by a receiver in that locale."""
    env = {**latin, "DATA_DIR": str(tmp_path / "data"), "PORT": str(free_port())}
    env["INBOUNDFLOW_SIGNING_SECRET"] = "contraseña"  # in UTF-8, as a service manager has it
    with (tmp_path / "out").open("w") as out, started("-m", "receiver", "up", env=env, stdout=out, stderr=out):
        until(lambda: is_ready(int(env["PORT"])))
        status = send(env, {"delivery_id": SIGNS, "event": "call.completed", "data": {"summary": SIGNS}})
        until(lambda: "delivery=" in (tmp_path / "out").read_text(errors="replace"), what="the line of its handler")
    assert status == 200
    return env


def send(env, document):
    body, now = json.dumps(document).encode(), int(time.time())
    headers = {"X-InboundFlow-Timestamp": str(now), "X-InboundFlow-Signature": sign("contraseña", now, body)}
    url = f"http://127.0.0.1:{env['PORT']}/webhooks/inboundflow"
    return httpx.post(url, content=body, headers=headers, timeout=10).status_code


def test_every_command_prints_what_it_has_to(delivered):
    for words in (["doctor", "--offline"], ["show", "delivery", "--body"], ["deliveries"], ["--help"]):
        ran = run("receiver", *words, **delivered)

        assert (ran.returncode in (0, 1), ran.stderr) == (True, b""), words


def test_json_is_json_in_every_locale(delivered):
    ran = run("receiver", "deliveries", "--json", **delivered)

    document = json.loads(ran.stdout.decode("ascii"))
    assert [delivery["key"] for delivery in document["deliveries"]] == [SIGNS]


def test_the_mock_senders_command_prints_what_it_has_to(latin, tmp_path):
    for words in (["--help"], ["call", "--to", f"http://127.0.0.1:{free_port()}/", "--secret", "x"]):
        ran = run("mock_sender", *words, **latin, HOME=str(tmp_path))

        assert b"Traceback" not in ran.stderr, words


TELL = "import os; from receiver.settings import text; print(ascii(text(os.environ, 'GOOGLE_SHEET_TAB')))"


@pytest.mark.parametrize("value", ["Llamadas de la señora", "voilà", "漢"])
def test_every_variable_is_utf8_whatever_the_locale(latin, value):
    env = {"PATH": os.environ["PATH"], **latin, "GOOGLE_SHEET_TAB": f"{value} \n"}

    ran = subprocess.run(
        [sys.executable, "-c", TELL], cwd=CHECKOUT, env=env, capture_output=True, text=True, check=True
    )

    assert ran.stdout.strip() == ascii(value)


def test_a_secret_that_is_not_in_utf8_is_said_in_a_sentence():
    with pytest.raises(ConfigurationError, match=r"INBOUNDFLOW_SIGNING_SECRET holds .* not UTF-8"):
        read({"INBOUNDFLOW_SIGNING_SECRET": os.fsdecode(b"contrase\xf1a")})


def test_a_user_without_a_home_can_use_every_library(tmp_path):
    """In a container the user may be a number that no list of users has."""
    env = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), "GOOGLE_SHEET_ID": "x" * 44}
    env["GOOGLE_SERVICE_ACCOUNT_JSON"] = '{"type": "service_account"}'
    script = "import sys, receiver.cli; sys.argv = ['receiver', '--version']\n"
    script += "try: receiver.cli.main()\nexcept SystemExit: import gspread; print('gspread is there')"
    ran = subprocess.run(
        ["unshare", "--user", "--map-user=54321", sys.executable, "-c", script],
        cwd=CHECKOUT, env=env, capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    if "unshare:" in ran.stderr:
        lacking("user namespaces")

    assert "gspread is there" in ran.stdout, ran.stderr
