"""The commands of a page, as somebody reads them who follows it word for word."""

from __future__ import annotations

import re
from textwrap import dedent

from tests.support.processes import CHECKOUT

BLOCK = re.compile(r"^( *)```sh\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
HEADINGS = ["Before you start", "Do it", "Check that it works", "When it fails"]


def commands(page: str, **changes: str) -> dict[str, list[str]]:
    """The blocks marked sh below each heading, with what a reader puts in place of what."""
    found: dict[str, list[str]] = {}
    for part in re.split(r"^#+ ", (CHECKOUT / "recipes" / f"{page}.md").read_text(), flags=re.MULTILINE)[1:]:
        heading, _, text = part.partition("\n")
        for old, new in changes.items():
            text = text.replace(old, new)
        found[heading] = [dedent(block) for _, block in BLOCK.findall(text)]
    return found


def headings(page: str) -> list[str]:
    return re.findall(r"^## (.+)$", (CHECKOUT / "recipes" / f"{page}.md").read_text(), re.MULTILINE)
