import re
from zoneinfo import ZoneInfo

import pytest
from flask import g

from receiver import settings
from receiver.dashboard.charts import chart
from receiver.dashboard.shown import span
from tests.dashboard.test_office import refuse
from tests.support.browsing import Browser, dashboard_of, flask_app, on_both
from tests.support.practice import HUBSPOT, Practice
from tests.support.web import SECRET

DAY_S = 86_400


@pytest.fixture
def practice(db, desk_env):
    return Practice(db, ZoneInfo(desk_env["BUSINESS_TIMEZONE"]))


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


def test_what_is_refused_now_is_said_first_with_what_to_do(db, practice, browser):
    arrived(practice, ago_s=300)
    refuse(db, 2)
    browser.get("/")

    _, rest = browser.text.split("2 reports from InboundFlow were turned away.")
    assert "Signed with another signing secret than the one here" in rest.partition("See what to do")[0]
    assert 'href="/connection#refused"' in browser.page.text
    assert "Everything arrived" not in browser.text


def test_of_an_organisation_that_is_not_known_yet_our_own_secret_tells_that_it_is_refused(db, practice, desk_env):
    browser = Browser(dashboard_of(settings.read(desk_env | {"INBOUNDFLOW_SIGNING_SECRET": SECRET}), db))
    browser.sign_in()
    refuse(db, 1, f"{SECRET} ")
    db.commit(lambda tx: tx.execute("DELETE FROM lost_lives"))
    browser.get("/")

    assert (
        "1 report from InboundFlow was turned away. On one of the two sides the signing secret was copied"
        in browser.text
    )

    practice.call(ago_s=0)  # the next one is taken
    db_forget(browser)
    browser.get("/")
    assert "turned away" not in browser.text


def test_once_inboundflow_has_stopped_today_leads_to_what_to_do_then(db, practice, browser):
    arrived(practice, ago_s=300)
    refuse(db, 10)
    browser.get("/")

    assert browser.text.count("InboundFlow has probably stopped reporting calls.") == 1  # and not above the page too
    assert re.search(r'<a class="button" href="/help#off">See what to do</a>', browser.page.text)


def test_what_to_do_when_the_webhook_was_disabled_is_one_tap_away(practice, browser):
    arrived(practice, ago_s=300)
    browser.get("/")

    assert re.search(
        r'last report that arrived: 5 min ago\. <a href="/help#off">Was the webhook disabled', browser.page.text
    )
    assert 'id="off"' in browser.get("/help").text


def test_of_a_call_that_has_just_ended_no_0_is_said(practice, browser):
    practice.call(ago_s=30)
    browser.get("/")

    assert "… to call back 1 call has just ended: in 2 minutes it is known" in browser.text
    assert "0 to call back" not in browser.text


def test_of_another_day_those_who_called_then_and_wait_still_are_shown(practice, browser):
    practice.call(ago_s=DAY_S, phone="+15550101", name="Yesterday's")
    practice.call(ago_s=600, phone="+15550102", name="Today's")
    browser.get("/")
    assert "2 to call back" in browser.text
    [earlier] = re.findall(r'rel="prev" href="([^"]+)"', browser.page.text)
    browser.get(earlier)

    waiting = browser.text.partition("Of that day still to call back")[2].partition("Calls by hour")[0]
    assert "1 of that day still to call back" in browser.text
    assert ("Yesterday's" in waiting, "Today's" in waiting) == (True, False)


def test_a_destination_that_is_set_up_by_half_is_said_to_wait_for_that(db, practice, browser):
    call = practice.call(ago_s=300)
    practice.runs(call, hubspot="pending")
    fact = '{"hubspot.keep_contact": "misconfigured"}'
    db.commit(lambda tx: tx.execute("INSERT INTO facts (name, value, noted_us) VALUES ('handlers', ?, 1)", (fact,)))

    pages = [browser.get(path) and browser.text for path in ("/", "/calls", f"/call?id={call}", "/deliveries")]

    assert "HubSpot is not set up completely: 1 call waits for that." in pages[0]
    assert ["HubSpot" in page and "waits for its settings" in page.lower() for page in pages] == [True] * 4
    assert ["on its way" in page.lower() for page in pages[:3]] == [False] * 3
    assert "Whoever set this up can complete it" in pages[2]


@pytest.mark.parametrize(("lang", "said"), [("en", "1 hr 22 min"), ("es", "1 h 22 min")])
def test_an_hour_is_said_as_people_write_it(dashboard, lang, said):
    with flask_app(dashboard).test_request_context("/"):
        g.lang = lang
        assert span(82 * 60) == said
