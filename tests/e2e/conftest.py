import shutil
import subprocess

import pytest
from playwright.sync_api import sync_playwright

from tests.support.processes import free_port, listens, redis_program, until
from tests.support.tools import lacking


@pytest.fixture(scope="module")
def chromium():
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        lacking("Chromium (on Debian: apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def redis_url(tmp_path):
    port = free_port()
    command = [redis_program(), "--port", str(port), "--save", "", "--maxmemory-policy", "noeviction"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL)
    until(lambda: listens(port), what="Redis")
    yield f"redis://127.0.0.1:{port}/0"
    process.kill()
    process.wait()
