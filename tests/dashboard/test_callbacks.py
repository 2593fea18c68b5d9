import json
import re
from datetime import UTC, datetime

import pytest

from receiver.dashboard.pages.callbacks import open_seconds
from tests.dashboard.test_today import db_forget
from tests.support.browsing import Browser
from tests.support.practice import Practice


@pytest.fixture
def practice(db):
    practice = Practice(db)
    practice.call(call_id="a", name="María García", phone="+12025550142", urgency="high", ago_s=7800)
    practice.call(call_id="b", name="Tom", phone="+12025550199", ago_s=3000)
    return practice


def heads(browser):
    return re.findall(r"<h2 tabindex[^>]*><bdi>([^<]*)</bdi>", browser.page.text)


def tab(browser, name=""):
    db_forget(browser)
    browser.get(f"/callbacks{'?tab=' + name if name else ''}")
    return heads(browser)


def test_the_list_and_the_badge(practice, browser):
    assert tab(browser) == ["María García", "Tom"]
    assert "Chipped tooth" in browser.text
    assert 'class="badge" aria-hidden="true">2</b><span class="heard">, 2 to call back' in browser.page.text


def test_nobody_waiting_is_said_and_at_first_what_will_stand_here(browser):
    tab(browser)

    assert "Nobody is waiting for a call." in browser.text
    assert "will stand here" in browser.text


def test_a_mark_is_saved_said_and_can_be_taken_back(practice, browser):
    tab(browser)
    saved = browser.submit("/callbacks", id="a", way="reached", note="Coming at 3", seen="0", next="b")
    assert (saved.status_code, saved.headers["Location"]) == (303, "/callbacks")
    browser.follow()
    assert "María García: Reached." in browser.text
    assert re.search(r"data-focus><bdi>Tom", browser.page.text)
    assert heads(browser) == ["Tom"]

    browser.submit("/callbacks/undo")
    browser.follow()
    assert "Taken back: María García is on the list again." in browser.text
    assert tab(browser) == ["María García", "Tom"]


def test_a_way_has_to_be_chosen_and_the_form_stays_open(practice, browser):
    tab(browser)
    browser.submit("/callbacks", id="a")

    assert "Choose how it went." in browser.text
    assert re.search(r"<details open>\s*<summary", browser.page.text)


def test_who_was_tried_moves_to_tried_with_who_and_when(practice, browser):
    tab(browser)
    browser.submit("/callbacks", id="a", way="message", note="Voicemail", seen="0")

    assert (tab(browser), tab(browser, "tried")) == (["Tom"], ["María García"])
    assert re.search(r"Ana , \d\d:\d\d: Left a message · Voicemail", browser.text)


def test_two_people_at_once_are_told_and_no_note_is_lost(practice, browser, dashboard):
    eve = Browser(dashboard)
    eve.sign_in("Eve")
    tab(browser)
    tab(eve)
    browser.submit("/callbacks", id="a", way="reached", seen="0")
    eve.submit("/callbacks", id="a", way="no_answer", note="rang out", seen="0")
    eve.follow()

    assert "Ana marked it just now. Your note was added." in eve.text
    tab(eve, "done")
    assert "rang out" in eve.text


def test_a_number_is_shown_once_or_until_signing_out_and_written_down(practice, browser, db):
    tab(browser)
    assert "tel:" not in browser.page.text
    browser.submit("/callbacks/number", id="a")
    assert re.findall(r"tel:([+0-9]+)", browser.page.text) == ["+12025550142"]

    browser.submit("/callbacks/numbers")
    browser.follow()
    assert len(re.findall(r"tel:", browser.page.text)) == 2
    browser.submit("/callbacks/numbers")
    browser.follow()
    assert "tel:" not in browser.page.text

    rows = db.read("SELECT action, detail FROM audit WHERE action LIKE 'saw%' ORDER BY id")
    assert [(row["action"], json.loads(row["detail"])) for row in rows] == [
        ("saw-number", {"call": "a"}),
        ("saw-numbers", {"all": True}),
    ]


def test_somebody_else_at_the_same_desk_changes_the_name(practice, browser):
    tab(browser)
    browser.submit("/callbacks/name", name="Eve")
    tab(browser)
    assert "Working as: Eve" in browser.text

    browser.submit("/callbacks", id="b", way="message", seen="0")
    tab(browser, "tried")
    assert re.search(r"Eve , \d\d:\d\d: Left a message", browser.text)


def test_the_note_of_somebody_signed_out_meanwhile_is_saved_in_the_end(practice, browser, db):
    tab(browser)
    db.commit(lambda tx: tx.execute("DELETE FROM sessions"))
    browser.submit("/callbacks", id="a", way="message", note="Voicemail", seen="0")
    browser.submit("/sign-in", name="Ana", password="correct horse battery")
    browser.follow()
    browser.submit("/callbacks")

    assert tab(browser, "tried") == ["María García"]
    assert "Voicemail" in browser.text


@pytest.mark.parametrize("fields", [{"id": "nobody", "way": "reached"}, {"id": "", "way": "reached"}])
def test_nobody_else_can_be_marked(practice, browser, fields):
    tab(browser)

    assert browser.post("/callbacks", **fields).status_code == 404


@pytest.mark.parametrize("mark", ["", "x", "9" * 30, "12"])
def test_a_mark_that_is_not_there_cannot_be_taken_back(practice, browser, mark):
    tab(browser)

    assert browser.post("/callbacks/undo", id="a", mark=mark).status_code in (303, 404)
    assert tab(browser) == ["María García", "Tom"]


def test_nights_do_not_make_a_call_late():
    at = lambda day, hour: datetime(2026, 11, day, hour, tzinfo=UTC)  # noqa: E731

    assert open_seconds(at(2, 19), at(3, 9)) == 2 * 3600
    assert open_seconds(at(2, 10), at(2, 12)) == 2 * 3600
    assert open_seconds(at(2, 21), at(3, 7)) == 0
