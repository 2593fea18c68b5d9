import json
import re

import pytest

from receiver.events import Delivery
from receiver.inbox import Inbox
from tests.support.browsing import on_both
from tests.support.practice import Practice

PHONE = "+12025550142"


@pytest.fixture
def practice(db):
    return Practice(db)


@pytest.fixture
def call(practice):
    call = practice.call(
        call_id="c/1 ?", phone=PHONE, events=("call.completed", "lead.created", "call.transferred"),
        caller_email="maria@example.com", transferred_to_label="Dr. Lee", urgency="high", interest="Whitening",
        recording_url="https://rec.example/1",
    )  # fmt: skip
    practice.runs(call, slack="succeeded", hubspot="retrying", sheets="dead")
    return call


def path(call):
    from urllib.parse import quote

    return f"/call?id={quote(call, safe='')}"


@on_both()
def test_a_call_says_who_what_for_what_happened_and_where_it_went(call, browser):
    assert browser.get(path(call)).status_code == 200
    text = browser.text

    for part in (
        "María García", "Urgent", "+1 ••••• 0142", "m•••@e•••.com", "Whitening", "Chipped tooth", "Call ended", "New lead",
        "Transferred to Dr. Lee", "Slack", "Arrived", "HubSpot", "Trying again at", "Google Sheets", "Did not arrive",
    ):  # fmt: skip
        assert part in text, part
    assert 'href="https://rec.example/1" rel="noopener noreferrer"' in browser.page.text


def test_no_number_is_in_the_page_before_it_is_asked_for(call, browser):
    browser.get(path(call))

    assert not re.search(r"202[^0-9]*555", browser.page.text)
    assert "tel:" not in browser.page.text


def test_who_shows_a_number_is_written_down_without_the_number(call, browser, db):
    browser.get(path(call))
    shown = browser.submit("/call/number")
    assert (shown.status_code, f"tel:{PHONE}" in shown.text) == (200, True)
    assert "+1 202-555-0142" in browser.text

    browser.get(path(call))
    assert "tel:" not in browser.page.text  # only for that once
    [row] = db.read("SELECT who, detail FROM audit WHERE action = 'saw-number'")
    assert (row["who"], json.loads(row["detail"])) == ("Ana", {"call": call})


def test_what_inboundflow_sent_is_shown_by_a_button_and_written_down(call, browser, db):
    browser.get(path(call))
    assert "caller_phone" not in browser.page.text

    shown = browser.submit("/call/sent")
    assert "caller_phone" in shown.text
    assert PHONE in shown.text
    [row] = db.read("SELECT who, detail FROM audit WHERE action = 'saw-report'")
    assert (row["who"], json.loads(row["detail"])["call"]) == ("Ana", call)


def test_technical_details_have_each_try(call, browser):
    browser.get(path(call))

    assert "hubspot.keep_contact" in browser.text
    assert "HubSpot answered 503" in browser.text
    assert "c/1 ?-0" in browser.text


@pytest.mark.parametrize("call_id", ["", "nobody", "%00", "x" * 3000])
def test_a_call_that_is_not_there(browser, call_id):
    assert browser.get(f"/call?id={call_id}").status_code == 404
    browser.get("/")
    assert browser.post("/call/number", id=call_id).status_code == 404


def test_a_call_whose_reports_are_gone_says_so(call, browser, db):
    browser.get(path(call))
    db.commit(lambda tx: tx.execute("UPDATE deliveries SET body = ?, erased_us = 1", (b"",)))
    browser.get(path(call))

    assert "no longer kept" in browser.text


def test_what_a_handler_links_to_is_followed_only_by_https(call, browser):
    links = iter(["https://slack.example/m", "javascript:alert(1)", "http://x.example"])
    from dataclasses import replace

    from tests.support.browsing import flask_app

    desk = flask_app(browser.client.application).extensions["desk"]
    activations = [
        replace(a, handler=replace(a.handler, link=lambda outcome, settings: next(links))) for a in desk.activations()
    ]
    object.__setattr__(desk, "activations", lambda: activations)
    pages = [browser.get(path(call)).text for _ in range(3)]

    assert ["slack.example" in page for page in pages] == [True, False, False]
    assert not any("javascript:" in page or "http://x" in page for page in pages)


HOSTILE = "<img src=x onerror=alert(1)>\u202e{{7*7}}'\"`</script><script>alert(1)</script>\x00=cmd"


def test_what_a_caller_or_a_destination_says_is_text(db, browser):
    data = {name: HOSTILE for name in (
        "caller_name", "caller_phone", "caller_email", "summary", "intent", "urgency", "transferred_to_label",
        "service_type", "interest", "call_summary", "appointment_time_start", "appointment_date", "duration_seconds",
    )} | {"call_id": "evil", "recording_url": "javascript:alert(1)", "calendar_event_link": "https://x.example/\" onclick=\"x"}  # fmt: skip
    for n, event in enumerate(("call.completed", "call.transferred", "lead.created", "appointment.booked", HOSTILE)):
        body = json.dumps({"event": event, "delivery_id": f"{event} {HOSTILE}", "data": data}).encode()
        Inbox(db).keep(Delivery(key=f"<b>{n}", event=event, body=body, call_id="evil", received_us=db.now_us() - 10**9))
    practice = Practice(db)
    practice.runs("evil", slack="dead")
    db.commit(lambda tx: tx.execute("UPDATE runs SET last_error = ?, outcome = ?", (HOSTILE.replace("\x00", ""),) * 2))
    db.commit(lambda tx: tx.execute("UPDATE attempts SET detail = ?", (HOSTILE.replace("\x00", ""),)))
    pages = ["/", "/calls", "/callbacks", "/callbacks?tab=leads", "/call?id=evil", "/help"]
    for page in [*pages, *(f"/live{page}" for page in pages)]:
        html = browser.get(page).text
        assert browser.page.status_code == 200, page
        assert "<img src=x" not in html
        assert "<script>alert" not in html
        assert "javascript:" not in html
        assert "\u202e" not in html
        assert "\x00" not in html
        assert ">49<" not in html
        assert 'onclick="x' not in html.replace("&#34;", "'")
