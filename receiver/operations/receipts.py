"""The receipt of an erasure: what went, and what lies elsewhere. It says nothing of who it was, but for calls' ids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..registry import Lane
from .documents import columns_to_json, lane_to_json
from .lanes import label


@dataclass(frozen=True, kw_only=True)
class ErasedDelivery:
    source: str
    key: str
    event: str
    call_id: str | None
    received_us: int


@dataclass(frozen=True, kw_only=True)
class Place:
    """What was brought to a destination, as its handler said, or may have been: an attempt did not succeed."""

    lane: Lane
    key: str
    outcome: str
    certain: bool

    def to_json(self) -> dict[str, Any]:
        return lane_to_json(self.lane) | {"key": self.key, "outcome": self.outcome, "certain": self.certain}


@dataclass(frozen=True, kw_only=True)
class Erased:
    """What was erased, or would be with `dry_run`. Nothing in it says who it was, but for the ids of their calls."""

    deliveries: tuple[ErasedDelivery, ...]
    places: tuple[Place, ...]
    ended: int  # runs that waited, or were dead
    conflicts: int
    texts: int  # in the record of what people did, in pauses and in samples of rejections
    mentions: tuple[str, ...]  # keys of others' deliveries that name the number or the address: these stay
    copies: tuple[str, ...]  # files that may hold it too: these stay
    purged: bool  # nothing is left in free space and logs
    dry_run: bool

    @property
    def is_empty(self) -> bool:
        """Whether nothing of theirs is kept."""
        return not (self.deliveries or self.conflicts or self.texts or self.mentions)

    def to_json(self) -> dict[str, Any]:
        document = asdict(self) | {"deliveries": tuple(asdict(delivery) for delivery in self.deliveries)}
        return columns_to_json(document | {"places": [place.to_json() for place in self.places]})


def receipt(erased: Erased) -> Iterator[str]:
    """What was done, and what is left to do elsewhere, as lines of text."""
    if erased.is_empty:
        yield "Nothing of theirs is kept here."
        return
    verb = "Would be erased" if erased.dry_run else "Erased, but for their ids, events and times"
    yield f"{verb}: {len(erased.deliveries)} deliveries."
    yield from (
        f"  {each.key}  {each.event or '(none)'}  call {each.call_id or '(none)'}" for each in erased.deliveries
    )
    counted = (
        (erased.ended, "runs that waited or were dead, ended as skipped"),
        (erased.conflicts, "conflicts"),
        (erased.texts, "notes, reasons and samples that named them"),
    )
    yield from listed("With them:", [f"{number} {what}" for number, what in counted if number])
    yield from listed(
        "At destinations, to be deleted there:",
        [f"{label(place.lane)}  {place.key}  {place.outcome or 'perhaps: no attempt is known to have succeeded'}"
         for place in erased.places],
    )  # fmt: skip
    yield from listed("Their number or address is named in deliveries of others, which stay:", erased.mentions)
    yield from listed("Copies that may hold it too, to be deleted or left to age:", erased.copies)
    if not erased.purged:
        yield "Somebody still reads the old content, so the database's log holds it: run this again in a minute."


def listed(heading: str, items: Sequence[str]) -> Iterator[str]:
    if items:
        yield heading
        yield from (f"  {item}" for item in items)
