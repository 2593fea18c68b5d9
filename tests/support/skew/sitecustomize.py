"""Python's clock is as many seconds ahead as the file CLOCK_AHEAD_FILE says: on PYTHONPATH, for a process of its own."""

import os
import time
from pathlib import Path

if "CLOCK_AHEAD_FILE" in os.environ:
    right_time, right_time_ns = time.time, time.time_ns

    def ahead_s() -> float:
        return float(Path(os.environ["CLOCK_AHEAD_FILE"]).read_text() or 0)

    time.time = lambda: right_time() + ahead_s()
    time.time_ns = lambda: right_time_ns() + int(ahead_s() * 1e9)
