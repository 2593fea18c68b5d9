import pytest

from receiver.dashboard import frame
from receiver.operations import Alarm, Lane
from tests.support.browsing import flask_app
from tests.support.story import Story

TITLES = {"en": "How the day goes", "es": "Cómo va el día"}


@pytest.mark.parametrize("lang", TITLES)
def test_the_language_that_was_chosen_is_remembered(browser, lang):
    chosen = browser.get(f"/help?lang={lang}")
    assert chosen.headers["Location"] == "/help"

    browser.follow()
    assert TITLES[lang] in browser.text
    assert f'<html lang="{lang}">' in browser.page.text


def test_what_is_wrong_stands_above_every_page_the_worst_first(story, browser):
    story.db.commit(lambda tx: tx.execute(
        "INSERT INTO pauses (source, handler, target, reason, since_us) VALUES ('', 'hubspot.keep_contact', '', 'x', 1)"
    ))  # fmt: skip
    browser.get("/help")

    assert "HubSpot is on hold: 0 calls wait for it. and 1 more" in browser.text


def test_all_well_is_silent(browser):
    browser.get("/help")

    assert 'class="banner"' not in browser.page.text


@pytest.mark.parametrize("kind", ["no_store", "off", "lives", "no_worker", "on_hold", "half_set", "dead", "redis"])
def test_each_alarm_has_its_words(browser, kind):
    application = browser.client.application
    alarm = Alarm(kind=kind, lane=Lane("", "slack.post", ""), number=3, why="why.")
    with flask_app(application).test_request_context():
        assert frame.alarm_text(alarm)


def test_a_live_page_is_its_parts_alone_and_is_not_sent_twice(browser):
    browser.get("/live/help")
    assert "<footer" not in browser.page.text
    etag = browser.page.headers["ETag"]

    assert browser.get("/live/help", **{"If-None-Match": etag}).status_code == 304


def test_a_live_page_tells_who_is_signed_out(stranger):
    assert stranger.get("/live/").status_code == 401


def test_a_dead_letter_is_counted_as_a_call(db, env, browser):
    Story(db, env)
    browser.get("/help")

    assert "2 calls did not arrive everywhere." in browser.text
