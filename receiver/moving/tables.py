"""Which tables are copied, by which keys they are compared, and how a row should stand on the other side.

What belongs to the work of the moment is not: leases, what is in Redis, and how fast a destination may be called. Nor
is what was counted for /metrics, which begins anew there.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

FAR_US = 253_370_764_800_000_000  # the year 9999


@dataclass(frozen=True, kw_only=True)
class Table:
    name: str
    columns: str
    range: str  # the integer column whose windows are walked
    key: str
    only: str = "1 = 1 OR ? = 0"  # rows that belong to the deliveries up to a number
    identity: bool = True


TABLES = (
    Table(
        name="deliveries", range="id", key="id", only="id <= ?",
        columns="id, source, key, event, organization_id, call_id, caller_phone, received_us, dispatched_us, body, "
        "received_body, headers, problems, erased_us",
    ),
    Table(
        name="conflicts", range="id", key="id", only="delivery_id <= ?", columns="id, delivery_id, received_us, body"
    ),
    Table(
        name="runs", range="id", key="id", only="delivery_id <= ?",
        columns="id, source, delivery_id, handler, target, call_id, state, attempts, failures, next_attempt_us, "
        "queued_us, lease_owner, lease_until_us, outcome, last_error, failure",
    ),
    Table(
        name="attempts", range="run_id", key="run_id, number", identity=False,
        only="run_id IN (SELECT id FROM runs WHERE delivery_id <= ?)",
        columns="run_id, number, started_us, ended_us, result, detail, failure",
    ),
    Table(
        name="pauses", range="since_us", key="source, handler, target", identity=False,
        columns="source, handler, target, reason, since_us, settings_mark",
    ),
    Table(
        name="rejection_counts", range="minute", key="source, minute, reason", identity=False,
        columns="source, minute, reason, count",
    ),
    Table(name="rejection_samples", range="id", key="id", columns="id, source, received_us, reason, headers"),
    Table(  # which day each lane of its kind is at, and that there are sources; what else is known is of this database
        name="facts", range="noted_us", key="name", identity=False, columns="name, value, noted_us",
        only="(name LIKE 'day: %' OR name = 'sources') AND ? >= 0",
    ),
    Table(
        name="lost_lives", range="id", key="id", columns="id, source, organization_id, at_us, reason",
    ),
    Table(
        name="organizations", range="answered_us", key="source, organization_id", identity=False,
        columns="source, organization_id, answered_us, deliveries",
    ),
    Table(name="pen", range="id", key="id", columns="id, source, received_us, reason, headers, body"),
    Table(
        name="audit", range="id", key="id", columns="id, source, at_us, action, detail, who, address, session",
    ),
    Table(
        name="sources", range="created_us", key="name", identity=False,
        columns="name, settings, created_us, disabled_us",
    ),
    Table(name="source_secrets", range="id", key="id", columns="id, source, secret, added_us, until_us"),
    Table(  # receipts; whom somebody looks for is not taken along
        name="erasures", range="id", key="id", only="state = 'done' AND ? >= 0",
        columns="id, source, state, subject, receipt, problem, at_destinations, who, made_us, ended_us",
    ),
    Table(  # a replay of many runs may go on for hours, and its runs have the same numbers there
        name="jobs", range="id", key="id",
        columns="id, kind, state, selection, repeats, reason, who, place, made_us, started_us, ended_us",
    ),
    Table(
        name="job_runs", range="id", key="id",
        columns="id, job_id, made_us, delivery_id, source, handler, target, how, was, twice, why, state, run_id, "
        "attempts, failures, next_attempt_us",
    ),
    Table(
        name="tokens", range="created_us", key="id", identity=False,
        columns="id, source, name, digest, created_us, used_us",
    ),
    Table(name="people", range="id", key="id", columns="id, login, name, password, made_us"),
    Table(name="roles", range="person", key="person, source", identity=False, columns="person, source, role"),
    Table(name="callbacks", range="id", key="id", columns="id, source, call_id, at_us, what, note, who"),
)  # fmt: skip
BODIES = ("body", "received_body")


def columns_of(table: Table) -> list[str]:
    return table.columns.split(", ")


def expected(table: Table, row: dict[str, Any], *, whole: bool) -> dict[str, Any]:
    """A row as it should stand on the other side: no job of RQ is there, so what is queued here waits there.

    A text in SQLite may hold a NUL, such as what a handler returned; one in Postgres may not.
    """
    row = {name: value.replace("\0", "\ufffd") if isinstance(value, str) else value for name, value in row.items()}
    if table.name == "runs" and row["state"] == "queued":
        row |= {"state": "pending", "queued_us": None}
    if not whole:
        row |= {name: md5(row[name]) for name in BODIES if row.get(name) is not None}
    return row


def md5(body: bytes) -> str:
    """Postgres computes the same; against damage, not against malice."""
    return hashlib.md5(body, usedforsecurity=False).hexdigest()
