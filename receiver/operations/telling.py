"""What is to be told, and the message that tells it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..inbox import LIVES
from ..registry import Notice
from .alert_texts import TEXTS, age, text_of, title
from .lanes import of_source

GRAVE = {"damaged", "worker", "signatures", "silence"}
GRAVE_LIVES = 6
NEWS = {"fields", "event"}  # which is never over


@dataclass(frozen=True, kw_only=True)
class Known:
    """A concern as it stands in the table."""

    source: str
    kind: str
    place: str
    details: Mapping[str, Any] = field(default_factory=dict)
    since_us: int
    gone_us: int = 0  # 0: it is there
    told_level: int = 0  # of this time; 0: nothing is told yet
    last_level: int = 0  # of the time before
    told_us: int = 0

    @property
    def key(self) -> tuple[str, str, str]:
        return self.source, self.kind, self.place


@dataclass(frozen=True, kw_only=True)
class Item:
    """Something to be told."""

    known: Known
    level: int
    is_over: bool = False

    @property
    def is_grave(self) -> bool:
        if self.known.kind == "lives":
            return self.level >= GRAVE_LIVES
        return not self.is_over and self.known.kind in GRAVE


def notice(items: Sequence[Item], language: str, now_us: int, *, several: bool = False) -> Notice:
    """One message for all of them: what starts first. `several` says whether there are other businesses."""
    ordered = sorted(items, key=lambda item: (item.is_over, item.known.kind in NEWS))
    documents = [document(item, language, now_us, several=several) for item in ordered]
    return Notice(
        key=f"{now_us:x}",
        kind="over" if ordered[0].is_over else "attention",
        title=title_of(ordered, documents, language),
        lines=tuple(lines(documents, language)),
        language=language,
        at_us=now_us,
        items=tuple(documents),
    )


def document(item: Item, language: str, now_us: int, *, several: bool) -> dict[str, Any]:
    known = item.known
    of = of_source(known.source, several=several)
    details = {"place": known.place, "source": known.source, "of": of and f" {of}", **known.details}
    if "since_us" in details:
        details["age"] = age(now_us - details["since_us"])
    kind = "off" if known.kind == "lives" and item.level >= LIVES else known.kind
    kind = f"{kind}_of" if known.source and f"{kind}_of" in TEXTS else kind
    text = text_of(kind, language, details)
    common = {"kind": kind.removesuffix("_of"), "place": known.place, "source": known.source}
    if item.is_over:
        return {"state": "over", **common, "text": text.over}
    return {"state": "new" if known.kind in NEWS else "attention", **common, "text": text.what, "do": text.do}


def title_of(items: Sequence[Item], documents: Sequence[Mapping[str, Any]], language: str) -> str:
    starting = [document for document in documents if document["state"] == "attention"]
    if len(starting) > 1:
        return title("several", language, n=len(starting))
    if starting:
        return title("one", language, what=with_source(starting[0]))
    if documents[0]["state"] == "new":
        return title("news", language)
    return (
        title("all_over", language, n=len(items))
        if len(items) > 1
        else title("over", language, what=with_source(documents[0]))
    )


def lines(documents: Sequence[Mapping[str, Any]], language: str) -> Iterator[str]:
    """What the title says alone is not said twice."""
    starting = [document for document in documents if document["state"] == "attention"]
    for each in documents:
        is_title = [each] == starting or (len(documents) == 1 and each["state"] == "over")
        if not is_title:
            yield f"{'✓' if each['state'] == 'over' else '•'} {with_source(each)}"
        if each.get("do"):
            yield title("do", language, do=each["do"])


def with_source(document: Mapping[str, Any]) -> str:
    return f"[{document['source']}] {document['text']}" if document["source"] else str(document["text"])
