"""Whether InboundFlow has fallen silent: looked for by a chore, which notes it where all can read it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from zoneinfo import ZoneInfo

from ..settings import Settings
from ..store import NOTE, Database, Transaction
from .documents import columns_to_json
from .source_settings import SourceSettings
from .usual import LOOKED_BACK, QUARTER_US, WEEK_US, Calls, silent

FACT = "silence: "  # so begin the names of these facts, one for each source that is silent
QUARTERS = "SELECT quarter, calls FROM call_quarters WHERE source = ? AND quarter >= ? ORDER BY quarter"
# A refused request, or a repeat, shows as well that InboundFlow still sends. With the `coalesce`, the newest delivery
# is looked for by its time, and not among all of its source.
LAST_SIGN = """
SELECT max(us) AS us FROM (
    SELECT received_us AS us FROM (
        SELECT received_us FROM deliveries WHERE coalesce(source, '') = ? AND received_us <= ?
        ORDER BY received_us DESC LIMIT 1) AS last
    UNION ALL SELECT answered_us FROM organizations WHERE source = ? AND answered_us <= ?
    UNION ALL SELECT at_us FROM lost_lives WHERE source = ? AND at_us <= ?) AS signs
"""
# Those of a source of its own have an index.
LAST_SIGN_OF_SOURCE = LAST_SIGN.replace("coalesce(source, '') = ?", "source = ? AND source <> ''")


@dataclass(frozen=True, kw_only=True)
class Silence:
    """Since when nothing has come for a source, and how many calls usually come in such a time."""

    source: str
    since_us: int
    usual: int

    def to_json(self) -> dict[str, Any]:
        return columns_to_json(asdict(self))


def listen(db: Database, sources: SourceSettings) -> str:
    """A chore: note each source that is silent, and forget those that are not. Raises StoreError."""
    noted = {each.source: each for each in silences(db)}
    names = [row["source"] for row in db.read("SELECT DISTINCT source FROM call_quarters ORDER BY source")]
    on = {**({"": sources.settings} if sources.is_on("") else {}), **sources.named_on()}
    heard = {name: silence for name in names if name in on and (silence := silence_of(db, on[name], name))}
    if heard != noted:
        now_us = db.now_us()
        db.commit(lambda tx: write(tx, heard, noted, now_us))
    return ""


def silence_of(db: Database, settings: Settings, source: str) -> Silence | None:
    now_us = db.now_us()
    last_us = last_sign_us(db, source, now_us)
    usual = silent(calls_of(db, settings, source, now_us), last_us, now_us) if last_us else 0
    return Silence(source=source, since_us=last_us, usual=usual) if usual else None


def last_sign_us(db: Database, source: str, now_us: int) -> int:
    """0 where there never was one."""
    return int(db.read(LAST_SIGN_OF_SOURCE if source else LAST_SIGN, (source, now_us) * 3)[0]["us"] or 0)


def calls_of(db: Database, settings: Settings, source: str, now_us: int) -> Calls:
    oldest = (now_us - LOOKED_BACK * WEEK_US) // QUARTER_US
    rows = db.read(QUARTERS, (source, oldest))
    quarters = [row["quarter"] for row in rows for _ in range(row["calls"])]
    return Calls(quarters=quarters, zone=zone_of(settings), closed_on=settings.closed_on)


def zone_of(settings: Settings) -> ZoneInfo:
    """The business's; UTC where there is no such zone: the doctor says that."""
    with contextlib.suppress(ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        return ZoneInfo(settings.zone)
    return ZoneInfo("UTC")


def write(tx: Transaction, heard: Mapping[str, Silence], noted: Mapping[str, Silence], now_us: int) -> None:
    for source in sorted(heard.keys() | noted.keys()):
        if source in heard:
            value = json.dumps({"since_us": heard[source].since_us, "usual": heard[source].usual})
            tx.execute(NOTE, (FACT + source, value, now_us))
        else:
            tx.execute("DELETE FROM facts WHERE name = ?", (FACT + source,))


def silences(db: Database) -> list[Silence]:
    """Those that were noted last, in order. Raises StoreError."""
    rows = db.read("SELECT name, value FROM facts WHERE name LIKE ? ORDER BY name", (f"{FACT}%",))
    return [Silence(source=row["name"].removeprefix(FACT), **json.loads(row["value"])) for row in rows]
