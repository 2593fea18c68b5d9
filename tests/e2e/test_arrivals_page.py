"""The page of what has arrived at the played destinations, in a real browser, on a desk and on a phone."""

import json

import httpx
import pytest
from playwright.sync_api import expect

from mock_sender.destinations import Destinations
from mock_sender.destinations.slack import CHANNEL, TOKEN

pytestmark = pytest.mark.timed  # it waits for a page that looks once a second

SOON_MS = 20_000
WIDTHS = {"wide": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
HOSTILE = "<img src=x onerror=\"document.title='obeyed'\"><script>document.title='obeyed'</script>"


def post(world, text, **more):
    asked = {"channel": CHANNEL, "text": text, **more}
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    return httpx.post(f"{world.url}/slack/api/chat.postMessage", content=json.dumps(asked), headers=headers).json()


@pytest.fixture(params=WIDTHS)
def page(request, chromium):
    context = chromium.new_context(viewport=WIDTHS[request.param])
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda said: said.type in ("error", "warning") and page.complaints.append(said.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    yield page
    context.close()


def test_what_arrives_is_shown_while_it_is_open_and_what_it_says_is_not_obeyed(page):
    with Destinations() as world:
        page.goto(world.url)
        expect(page.get_by_text("Nothing has arrived yet.")).to_be_visible(timeout=SOON_MS)
        page.evaluate("window.opened = true")

        parent = post(world, "Ada Moreno called about her brakes")["ts"]
        expect(page.get_by_text("about her brakes")).to_be_visible(timeout=SOON_MS)
        post(world, HOSTILE, thread_ts=parent)
        world.sheets.tabs["Calls"] = [
            ["caller_name", *["a long name of a column"] * 20],
            ["Sam O'Neill", *["x" * 90] * 20],
        ]
        world.hubspot.add_contact(firstname="Priya", lastname="x" * 200)
        httpx.post(f"{world.url}/forward", json={"summary": HOSTILE * 20})

        expect(page.get_by_text("1 reply")).to_be_visible(timeout=SOON_MS)
        for section, text in (
            ("sheets", "Sam O'Neill"),
            ("hubspot", "Priya"),
            ("requests", "onerror"),
            ("slack", "onerror"),
        ):
            expect(page.locator(f"#{section}").get_by_text(text).first).to_be_visible(timeout=SOON_MS)
        is_too_wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert (is_too_wide, page.title(), page.evaluate("window.opened")) == (False, "What has arrived", True)
        assert page.complaints == []

        page.context.set_offline(True)  # as when the process has ended
        expect(page.get_by_text("The played destinations have ended.")).to_be_visible(timeout=SOON_MS)
        expect(page.get_by_text("about her brakes")).to_be_visible(timeout=SOON_MS)
