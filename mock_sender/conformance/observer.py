"""Asks the receiver's side, at a URL or by a command, how many effects a delivery had."""

from __future__ import annotations

import json
import shlex
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable

WAIT_S = 8.0  # effects come after the answer; a queue polls every second or so
SETTLE_S = 1.0  # a second effect follows the first closely, or by the next poll
ASK_S = 30.0  # a command may start an interpreter on a busy machine
POLL_S = 0.2

Observer = Callable[[str], int]


class Blind(Exception):
    """The observer does not keep its contract; the message says how."""


def observer(where: str) -> Observer:
    """`where` is a URL that answers {"effects": {delivery_id: count}}, or a command that prints the count."""
    if where.startswith(("http://", "https://")):
        return lambda delivery_id: by_url(where, delivery_id)
    return lambda delivery_id: by_command(where, delivery_id)


def by_url(url: str, delivery_id: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=ASK_S) as answer:  # noqa: S310 - http or https, given by the user
            return int(json.load(answer)["effects"].get(delivery_id, 0))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Blind(f'--effects {url} should answer {{"effects": {{"<delivery_id>": count}}}}: {error}') from error


def by_command(command: str, delivery_id: str) -> int:
    try:
        ran = subprocess.run([*shlex.split(command), delivery_id], capture_output=True, text=True, timeout=ASK_S)
        return int(ran.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise Blind(f"--effects {command} should print a count for the delivery_id it is given: {error}") from error


def settled(look: Observer, delivery_id: str) -> int:
    """The count once it is there and had time to become more; 0 after WAIT_S without any."""
    deadline = time.monotonic() + WAIT_S
    while not (count := look(delivery_id)) and time.monotonic() < deadline:
        time.sleep(POLL_S)
    if not count:
        return 0
    time.sleep(SETTLE_S)
    return look(delivery_id)
