"""From a clone to the demo, with an empty home and no cache: how long it takes. Run: python -m benchmarks.first_run"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.support.processes import CHECKOUT

LAST = "Everything arrived."
PATIENCE_S = 600


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home, clone = Path(folder, "home"), Path(folder, "inboundflow-receiver")
        home.mkdir()
        env = {name: os.environ[name] for name in ("PATH", "LANG", "HTTPS_PROXY") if name in os.environ}
        env |= {"HOME": str(home), "BUSINESS_LANGUAGE": "en"}
        began = time.monotonic()
        subprocess.run(["git", "clone", "--quiet", CHECKOUT, clone], env=env, check=True)
        cloned_s = time.monotonic() - began
        up = subprocess.Popen([clone / "bin" / "up", "--demo"], env=env, stdout=subprocess.PIPE, text=True)
        signal.alarm(PATIENCE_S)
        try:
            is_up = any(LAST in line for line in up.stdout or ())
            took_s = time.monotonic() - began
        finally:
            up.terminate()
            up.wait(30)
        left = sorted(path.name for path in home.iterdir())
        size = sum(path.stat().st_size for path in (clone / ".venv").rglob("*") if not path.is_symlink())
    print(f"git clone {cloned_s:.1f} s, ./bin/up --demo {took_s - cloned_s:.0f} s, .venv {size / 1e6:.0f} MB")
    print(f"left in the home: {', '.join(left) or 'nothing'}")
    sys.exit(0 if is_up else f"The demo ended before it said: {LAST}")


if __name__ == "__main__":
    main()
