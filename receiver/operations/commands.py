"""How a sentence names one of the receiver's commands, so that it can be typed as it stands."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

CALLED_AS = "INBOUNDFLOW_CALLED_AS"  # set by the command line, where `receiver` is not on the path


def command(line: str) -> str:
    """A command of the receiver as it is typed here: `resume slack.post` behind the program's name."""
    return f"{os.environ.get(CALLED_AS) or 'receiver'} {line}"


def typed(sentence: str) -> str:
    """A sentence of whoever does not know the program's name: what it has as `receiver …` as it is typed here."""
    return sentence.replace("`receiver ", f"`{command('')}")


def program() -> str:
    """What this process was called by, or what its caller says (`sudo inboundflow`)."""
    if name := os.environ.get(CALLED_AS):
        return name
    called = sys.argv[0]
    if Path(called).name != "receiver" or Path(shutil.which("receiver") or "").resolve() == Path(called).resolve():
        return "receiver"
    return shlex.quote(called)
