"""Why nothing can be stored just now, and what to do: a sentence that may be read by anybody.

What the database said stays out: it may name an address, a user or a file.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from ..registry import Notice
from ..store import MOVED
from .alert_texts import text_of, title
from .commands import typed

TROUBLES = {  # what the database says, or its driver; the first that is in it counts
    MOVED: MOVED,
    "there is no file": "The inbox's file is gone: put it back, or start the receiver again, which makes a new one.",
    "was replaced": "The inbox's file was replaced while its -wal stayed: stop the receiver, and move that away.",
    "disk is full": "The disk is full: make room on it, or enlarge it.",
    "No space left": "The disk is full: make room on it, or enlarge it.",
    "DiskFull": "The disk of the database's server is full: make room on it, or enlarge it.",
    "disk I/O error": "The disk takes no write: see whether it is full, away or broken.",
    "malformed": "The inbox's file is damaged: see docs/troubleshooting.md.",
    "readonly": "The inbox's file cannot be written: see that it belongs to the receiver's user.",
    "unable to open": "The inbox's file cannot be opened: see that it and its folder belong to the receiver's user.",
    "PermissionError": "The inbox's file cannot be opened: see that it and its folder belong to the receiver's user.",
    "locked": "Another program has the inbox locked: end it, or wait for it.",
    "LockNotAvailable": "Another program has a table of the database locked: end it, or wait for it.",
    "ReadOnlySqlTransaction": "The database is read-only: DATABASE_URL should lead to the primary.",
    "password": "The database refuses the user or the password: correct DATABASE_URL.",
    "connection slots": "The database takes no more connections: allow it more, or run fewer processes.",
    "too many clients": "The database takes no more connections: allow it more, or run fewer processes.",
    "did not answer": "The database does not answer: see that it runs, and that nothing else holds it up.",
    "resolve host": "The database's host is not found: correct DATABASE_URL, or put right this machine's DNS.",
    "ConnectionTimeout": "The database cannot be reached: start it, or correct DATABASE_URL.",
    "connection": "The database cannot be reached: start it, or correct DATABASE_URL.",
    "no such table": "The database lacks tables: run `receiver migrate`.",
    "UndefinedTable": "The database lacks tables: run `receiver migrate`.",
    "version older": "The database's tables are a version older: run `receiver migrate`.",
}
OTHER = "The database is in trouble: `receiver doctor` says more."


def why_unstored(error: BaseException | None) -> str:
    """`error` is what the database raised."""
    text = str(error)
    return next((sentence for mark, sentence in TROUBLES.items() if mark in text), OTHER)


def unstored_notice(error: BaseException | None, language: str) -> Notice:
    """What is told where nothing can be stored: `error` is what the database raised."""
    text = text_of("store", language, {"reason": typed(why_unstored(error))})
    return store_notice(
        "attention", title("one", language, what=text.what), (title("do", language, do=text.do),), language
    )


def stored_notice(language: str) -> Notice:
    text = text_of("store", language, {"reason": ""})
    return store_notice("over", title("over", language, what=text.over), (), language)


def store_notice(kind: str, title: str, lines: Sequence[str], language: str) -> Notice:
    now_us = time.time_ns() // 1000  # the database's clock cannot be asked
    return Notice(
        key=f"store-{now_us:x}", kind=kind, title=title, lines=lines, language=language, at_us=now_us,
        items=({"state": kind, "kind": "store", "place": "", "source": "", "text": title},),
    )  # fmt: skip
