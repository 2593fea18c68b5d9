"""How a line of the log is written, whichever library says it: plainly for people, or as one JSON object (LOG_FORMAT).

A line is a line, whatever stands in it: line breaks and terminal codes are escaped. Of an exception its kind and its
places are written and never its message, which may hold what a caller said.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import traceback
import unicodedata
import warnings
from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from .errors import InboundFlowError

TEXT, JSON = FORMATS = ("text", "json")
# Beside the message; `source` is the business's name, where it has one.
FIELDS = ("source", "delivery", "call", "handler", "target", "run", "attempt", "state", "failure", "reason")
FIELD_CHARS = 200  # an id is the sender's text
UNSEEN = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")  # control, direction, halves of characters, other line ends
PLACES = 8  # of an exception, the innermost

Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None] | None

log = logging.getLogger("receiver.log")


def start(log_format: str = TEXT) -> None:
    """Write to stderr from now on: our own lines from INFO on, those of libraries from WARNING on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if log_format == JSON else PlainFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("receiver").setLevel(logging.INFO)
    logging.captureWarnings(True)
    warnings.filterwarnings("ignore", r"\s*SOCKS support")  # which a package that nobody asked for would bring
    threading.excepthook = note_thread


def note_thread(end: threading.ExceptHookArgs) -> None:
    """Python's own would write the message too."""
    name = end.thread.name if end.thread else "?"
    if end.exc_type is not SystemExit:
        log.error("the thread %s ended: %s", name, described((end.exc_type, end.exc_value, end.exc_traceback)))  # type: ignore[arg-type]


class PlainFormatter(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        raised = described(record.exc_info)
        line = f"{self.formatTime(record)} {record.levelname} {record.getMessage()}" + (
            f" ({raised})" if raised else ""
        )
        return one_line(line)


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(document(record), ensure_ascii=True)


def document(record: logging.LogRecord) -> dict[str, Any]:
    """What one line says; the names are the same in every version, and those that are empty are left out."""
    time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    fields = {name: value for name in FIELDS if (value := field(record.__dict__.get(name))) not in (None, "")}
    raised = described(record.exc_info)
    return {
        "time": time,
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": record.getMessage(),
        **fields,
        **({"exception": raised} if raised else {}),
        "process": record.process,
    }


def field(value: object) -> str | int | None:
    return value if value is None or isinstance(value, int) else str(value)[:FIELD_CHARS]


def described(raised: Raised | bool) -> str:
    """The kind of an exception and where it came up, innermost first; the message only of our own."""
    if not isinstance(raised, tuple) or raised[0] is None:
        return ""
    kind, error, trace = raised
    frames = reversed(traceback.extract_tb(trace)[-PLACES:])
    places = ", ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames)
    says = f": {error}" if isinstance(error, InboundFlowError) and str(error) else ""
    return f"{kind.__name__}{says}" + (f" at {places}" if places else "")


def one_line(text: str) -> str:
    """What would break the line, or steer a terminal, is written as an escape."""
    if text.isprintable():
        return text
    return "".join(
        sign.encode("unicode_escape").decode() if unicodedata.category(sign) in UNSEEN else sign for sign in text
    )


def of_delivery(key: str, call_id: str | None, **fields: object) -> Mapping[str, object]:
    """The `extra` of a line that is about a delivery."""
    return {"delivery": key, "call": call_id, **fields}


def at(what: str, source: str) -> str:
    """What a line names, with the business that it is of; of the environment's business without one."""
    return f"{what} [{source}]" if source else what
