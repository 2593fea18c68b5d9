"""The receiver's command line as a process."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.support.processes import CHECKOUT


def receiver(*arguments, typed=None, **env):
    return subprocess.run(
        [sys.executable, "-m", "receiver", *arguments],
        env={"PATH": os.environ["PATH"], **env}, cwd=CHECKOUT, capture_output=True, text=True, timeout=60, input=typed,
    )  # fmt: skip
