import os
import subprocess
import sys

import pytest

from tests.support.cli import receiver
from tests.support.processes import CHECKOUT


@pytest.mark.parametrize(
    ("called", "on_the_path", "said"),
    [
        (".venv/bin/receiver", False, "start it: .venv/bin/receiver up, or .venv/bin/receiver worker beside"),
        (".venv/bin/receiver", True, "start it: receiver up, or receiver worker beside"),
    ],
)
def test_its_advice_can_be_typed_as_it_stands(db, env, called, on_the_path, said):
    scripts = os.path.dirname(sys.executable)
    outside = os.pathsep.join(one for one in os.environ["PATH"].split(os.pathsep) if one != scripts)
    path = f"{scripts}{os.pathsep}{outside}" if on_the_path else outside
    program = os.path.join(scripts, "receiver")

    ran = subprocess.run(
        [program, "doctor", "--offline"], env={**os.environ, **env, "PATH": path}, cwd=CHECKOUT,
        capture_output=True, text=True,
    )  # fmt: skip

    assert said.replace(called, program) in ran.stdout


def test_whoever_runs_it_for_a_person_says_how(db, env):
    ran = receiver("doctor", "--offline", INBOUNDFLOW_CALLED_AS="sudo inboundflow", **env)

    assert "start it: sudo inboundflow up" in ran.stdout
