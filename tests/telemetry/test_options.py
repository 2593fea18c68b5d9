import re
import subprocess
import sys
import tomllib

import pytest

from receiver.telemetry.options import PACKAGES
from tests.support.processes import CHECKOUT

WITHOUT = """
import sys
for name in ("opentelemetry", "sentry_sdk"):
    sys.modules[name] = None
from receiver import logs
from receiver.telemetry.options import reports_of, traces_of
logs.start()
env = {"SENTRY_DSN": "http://key@127.0.0.1:9/1", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
for says in (True, False):
    print([make(env, says=says) for make in (reports_of, traces_of)])
"""


def test_where_the_packages_are_missing_one_process_says_what_to_install_and_all_goes_on():
    ran = subprocess.run([sys.executable, "-c", WITHOUT], cwd=CHECKOUT, capture_output=True, text=True, timeout=20)

    lines = [line.split(" ", 3)[3] for line in ran.stderr.splitlines()]
    assert (ran.returncode, ran.stdout) == (0, "[None, None]\n" * 2)
    assert lines == [
        f"{variable} is set, and what it needs is not installed: {sys.executable} -m pip install {PACKAGES[extra]}"
        for variable, extra in (("SENTRY_DSN", "sentry"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "otel"))
    ]


@pytest.mark.parametrize("extra", PACKAGES)
def test_the_packages_are_those_of_the_extra(extra):
    table = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["optional-dependencies"]

    assert [re.split(r"[<>=]", line)[0] for line in table[extra]] == PACKAGES[extra].split()
    assert PACKAGES[extra] in (CHECKOUT / "docs" / "metrics.md").read_text()


LOADED = "import sys, receiver.telemetry; print([name for name in {names} if name in sys.modules])"


def test_who_uses_none_of_it_loads_none_of_it():
    names = ["flask", "gunicorn", "prometheus_client", "opentelemetry", "sentry_sdk"]

    ran = subprocess.run(
        [sys.executable, "-c", LOADED.format(names=names)], cwd=CHECKOUT, capture_output=True, text=True, timeout=20
    )

    assert ran.stdout == "[]\n"
