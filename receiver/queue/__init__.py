"""Run ids in Redis, where RQ's workers wait for them, and Redis itself."""

from .runs import AHEAD_US, MARKER, RunQueue, queue_name
from .server import check, check_url, connect, problem, server_info

__all__ = [
    "AHEAD_US",
    "MARKER",
    "RunQueue",
    "check",
    "check_url",
    "connect",
    "problem",
    "queue_name",
    "server_info",
]
