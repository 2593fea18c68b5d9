import re
from zoneinfo import ZoneInfo

import pytest

from receiver import settings
from receiver.dashboard.charts import chart
from tests.support.browsing import Browser, dashboard_of, on_both
from tests.support.practice import HUBSPOT, Practice

DAY_S = 86_400


@pytest.fixture
def practice(db):
    return Practice(db, ZoneInfo("UTC"))


def arrived(practice, **more):
    call = practice.call(**more)
    practice.runs(call, slack="succeeded", sheets="succeeded")
    return call


def test_before_the_first_call_it_says_what_will_stand_here(browser):
    browser.get("/")

    assert "No calls yet today." in browser.text
    assert "as soon as InboundFlow reports one" in browser.text


@on_both()
def test_all_well_is_one_sentence_with_the_places(practice, browser):
    arrived(practice, ago_s=30, events=("call.completed", "appointment.booked"))
    arrived(practice, ago_s=20, phone="+15550109")
    browser.get("/")

    assert "Everything arrived where it should. Google Sheets and Slack: all 2 calls." in browser.text
    assert re.search(r"<b>2</b> calls", browser.page.text)
    assert re.search(r"<b>1</b> booked", browser.page.text)


SENTENCES = [
    # how it stands at HubSpot, paused, and what is said
    ("dead", False, "1 call did not reach HubSpot."),
    ("pending", True, "HubSpot is on hold: 1 call waits for it."),
    ("retrying", False, "1 call is being tried again. Nothing to do yet."),
    ("queued", False, "1 call is on its way."),
    ("skipped", False, "Everything arrived"),
]


@pytest.mark.parametrize(("state", "is_paused", "said"), SENTENCES)
def test_the_worst_of_the_day_is_the_sentence(db, practice, browser, state, is_paused, said):
    call = practice.call(ago_s=300)
    practice.runs(call, slack="succeeded", hubspot=state)
    if is_paused:
        sql = "INSERT INTO pauses (source, handler, target, reason, since_us) VALUES (?, ?, ?, 'token', 1)"
        db.commit(lambda tx: tx.execute(sql, HUBSPOT))
    day = browser.get("/").status_code

    assert (day, said in browser.text) == (200, True)


def test_a_call_that_goes_nowhere_is_said_to_be_kept(practice, browser):
    practice.call(ago_s=60)
    browser.get("/")

    assert "Calls are kept and go nowhere yet." in browser.text


def test_what_is_usual_is_said_from_three_weeks_of_the_same_weekday_on(db, practice, browser):
    for week in (1, 2):
        for _ in range(3 * week):
            practice.call(ago_s=week * 7 * DAY_S)
    browser.get("/")
    assert "usual by now" not in browser.text

    for _ in range(4):
        practice.call(ago_s=21 * DAY_S)
    db_forget(browser)
    browser.get("/")
    assert "usual by now: 4" in browser.text


def db_forget(browser):
    """A page is not made anew within two seconds."""
    from tests.support.browsing import flask_app

    flask_app(browser.client.application).extensions["desk"].cache.forget()


def test_another_day_is_looked_at_by_its_address(practice, browser):
    practice.call(ago_s=DAY_S)
    browser.get("/")
    [earlier] = re.findall(r'rel="prev" href="([^"]+)"', browser.page.text)

    browser.get(earlier)
    assert re.search(r"<b>1</b> call\b", browser.page.text)
    assert 'rel="prev"' not in browser.page.text
    assert 'rel="next" href="/"' in browser.page.text


@pytest.mark.parametrize("day", ["2999-01-01", "yesterday", "0001-01-01", "", "2026-02-30"])
def test_a_day_that_never_was_is_not_there(browser, day):
    assert browser.get(f"/?day={day}").status_code == 404


def test_days_are_the_business_s(db, desk_env):
    tokyo = Practice(db, ZoneInfo("Asia/Tokyo"))
    tokyo.call(ago_s=60)
    browser = Browser(dashboard_of(settings.read(desk_env | {"BUSINESS_TIMEZONE": "Asia/Tokyo"}), db))
    browser.sign_in()
    browser.get("/")

    assert re.search(r"<b>1</b> call\b", browser.page.text)


def test_a_chart_has_its_numbers_as_a_table_and_a_level_line():
    made = chart("x", "Calls", "Most", ["8", "9"], [2, 4], [1.0, 8.0])

    assert [(bar.y, bar.height) for bar in made.bars] == [(75.0, 25.0), (50.0, 50.0)]
    assert made.line == "M0 87.5H1 L1 0.0H2"
    assert chart("x", "Calls", "Most", ["8"], [0], [0.0]).line == ""
