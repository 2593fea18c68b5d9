"""The pages: their links lead somewhere, and every page can be reached from the README."""

import re

import pytest

from tests.support.processes import CHECKOUT

PAGES = sorted(
    page.relative_to(CHECKOUT).as_posix()
    for folder in (".", "docs", "docs/es", "recipes", "recipes/es", "mock_sender")
    for page in (CHECKOUT / folder).glob("*.md")
)
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|<!--.*?-->|`[^`\n]*`", re.DOTALL)


def links(page):
    """Local ones, as (file, anchor)."""
    text = CODE.sub("", (CHECKOUT / page).read_text())
    found = [link for link in LINK.findall(text) if "://" not in link and not link.startswith("mailto:")]
    return [link.partition("#")[::2] for link in found]


def anchors(path):
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", path.read_text(), flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page):
    here = (CHECKOUT / page).parent

    lost = [name for name, _ in links(page) if name and not (here / name).exists()]
    headless = [
        f"{name}#{anchor}"
        for name, anchor in links(page)
        if anchor and anchor not in anchors(here / name if name else CHECKOUT / page)
    ]

    assert (lost, headless) == ([], [])


def test_every_page_can_be_reached_from_the_readme():
    reached, waiting = set(), ["README.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        here = (CHECKOUT / page).parent
        for name, _ in links(page):
            target = (here / name).resolve() if name else CHECKOUT / page
            linked = target.relative_to(CHECKOUT).as_posix() if target.is_relative_to(CHECKOUT) else ""
            if linked in PAGES and linked not in reached:
                waiting.append(linked)

    assert sorted(set(PAGES) - reached) == []


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith("recipes/")])
def test_a_page_with_a_checkouts_commands_says_how_they_begin_elsewhere(page):
    text = (CHECKOUT / page).read_text()

    ours = ".venv/bin/receiver" in text.replace("opt/inboundflow/current/.venv/bin/receiver", "")
    lists = "recover-a-disabled-webhook.md#" in text or "sudo inboundflow doctor" in text
    local = page.endswith(("local-development.md", "render.md"))  # read by somebody who is at that place
    assert local or lists or not ours
