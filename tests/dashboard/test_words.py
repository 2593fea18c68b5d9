"""One word for one state on every page, and reasons that an owner understands, in both languages."""

import re
from html import unescape

import pytest

from receiver.dashboard.pages.calls import OUTCOME_TEXTS
from receiver.dashboard.texts import LANGUAGES, say
from receiver.inbox.states import FAILURES
from receiver.locales import Locale, localized
from receiver.operations import OUTCOMES, STANDINGS, pause_lanes, standing_text
from tests.dashboard.test_today import db_forget
from tests.support.browsing import flask_app, read
from tests.support.practice import SLACK, Practice

HOLD = "INSERT INTO throttles (source, handler, target, hold, not_before_us, failures, reason) VALUES (?, ?, ?, ?, 1, 5, ?)"
SAID = "Slack did not answer (URLError)"
PAGES = ("/", "/calls", "/call?id=c-1", "/deliveries")
BELOW = re.compile(r'<details class="technical-reason">.*?</details>|<code lang="en">.*?</code>', re.DOTALL)
ENGLISH_OF_MACHINES = re.compile(r"URLError|did not answer|signature-|retry|slack\.post|call\.completed", re.IGNORECASE)


@pytest.fixture
def desk_env(desk_env, monkeypatch):
    for name, value in (slack := {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_CHANNEL": "C1"}).items():
        monkeypatch.setenv(name, value)
    return desk_env | slack


def word(standing, lang):
    return localized(standing_text(standing), Locale(language=lang))


def a_call(db, state, rest=""):
    """Of which one run is in this state, at a lane that is left alone (down, asked, changed) or paused."""
    Practice(db).runs(Practice(db).call(call_id="c-1"), slack=state)
    db.commit(lambda tx: tx.execute("UPDATE runs SET last_error = ?, failure = 'no-answer'", (SAID,)))
    if rest == "paused":
        pause_lanes(db, [SLACK], "we are moving")
    elif rest:
        db.commit(lambda tx: tx.execute(HOLD, (*SLACK, rest, SAID)))


def plain(html):
    """What stands there at first sight: without the technical reasons below."""
    main = html.partition("<main")[2].partition('<section class="card" id="technical"')[0]
    return read(f"<body{BELOW.sub('', main)}")


def told(html, lang):
    """How things stand, by the words of their marks: of two that are in one the longer."""
    marks = re.findall(r'class="state \w+"><span class="mark"[^>]*>[^<]*</span>([^<]+)<', html.partition("<main")[2])
    words = {word(standing, lang): standing for standing in STANDINGS}
    return {words[max((each for each in words if each in mark.lower()), key=len)] for mark in marks}


def look(browser, path, lang):
    browser.get(f"{path}{'&' if '?' in path else '?'}lang={lang}")
    return browser.follow().text


SEEN = [
    # a run's state, its lane            how it stands
    ("retrying",         "down",         "retrying"),
    ("pending",          "down",         "retrying"),
    ("pending",          "changed",      "retrying"),
    ("retrying",         "asked",        "retrying"),
    ("retrying",         "",             "retrying"),
    ("retrying",         "paused",       "on_hold"),
    ("pending",          "paused",       "on_hold"),
    ("queued",           "",             "waiting"),
    ("dead",             "",             "dead"),
    ("succeeded",        "",             "arrived"),
]  # fmt: skip


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("state", "rest", "standing"), SEEN)
def test_a_call_stands_with_the_same_word_everywhere(db, browser, state, rest, standing, lang):
    a_call(db, state, rest)

    assert [told(look(browser, path, lang), lang) for path in PAGES] == [{standing}] * len(PAGES)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("rest", "standing"), [("down", "retrying"), ("changed", "retrying"), ("paused", "on_hold")])
def test_its_destination_stands_with_that_word_too(db, browser, rest, standing, lang):
    a_call(db, "retrying", rest)

    pages = [plain(look(browser, path, lang)) for path in ("/destinations", "/problems")]

    assert [word(standing, lang) in text.lower() for text in pages] == [True, True]


@pytest.mark.parametrize("name", ["problems_on_hold", "today_on_hold", "alarm_on_hold"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_sentences_have_the_word(name, lang):
    assert word("on_hold", lang) in say(name, lang, place="Slack", since="9:12", n=2)


@pytest.mark.parametrize("path", [*PAGES, "/problems", "/destinations", "/connection", "/help"])
@pytest.mark.parametrize("rest", ["", "down"])
def test_at_first_sight_an_owner_reads_her_language_alone(db, browser, path, rest):
    from tests.dashboard.test_office import refuse

    a_call(db, "retrying", rest)
    refuse(db, 3)
    db_forget(browser)

    page = look(browser, path, "es")

    assert ENGLISH_OF_MACHINES.findall(plain(page)) == []
    if path in ("/call?id=c-1", "/deliveries"):
        assert "Slack no respond" in plain(page)
        assert SAID in unescape(page)  # below, for whoever runs it


@pytest.mark.parametrize("slug", [*FAILURES, "refused-401", "refused-404", "refused-429", "refused-503", "new", ""])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_reason_is_a_sentence(dashboard, slug, lang):
    from flask import g

    from receiver.dashboard.naming import reason_words

    with flask_app(dashboard).test_request_context():
        g.lang = lang
        text = reason_words(slug, "Slack")

    assert text.endswith(".")
    assert slug in ("new", "") or text != say("reason_other", lang, place="Slack")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_outcome_is_called_the_same_in_the_filter_and_beside_a_call(db, browser, lang):
    practice = Practice(db)
    for event in ("appointment.booked", "call.transferred", "lead.created", ""):
        practice.call(phone=f"+1202555{len(event):04}", events=("call.completed", *[event] * bool(event)))

    page = look(browser, "/calls", lang)

    options = dict(re.findall(r'<option value="(\w+)"[^>]*>([^<]+)</option>', page.partition('id="outcome"')[2]))
    beside = re.findall(r'<span class="what"><bdi>([^<]+)</bdi>', page)
    assert OUTCOME_TEXTS.keys() == OUTCOMES.keys() == options.keys()
    assert {next(text for text in options.values() if text.startswith(each.split(" · ")[0].split(" to ")[0].split(" a ")[0]))
            for each in beside} == {*options.values()}  # fmt: skip


@pytest.mark.parametrize(
    ("usual", "said"), [(0, "usually none by now"), (0.5, "usual by now: 0 or 1"), (1, "usual by now: 1"), (2.5, "usual by now: 2 or 3"), (14.5, "usual by now: 14")]
)  # fmt: skip
def test_what_is_usual_is_told_as_people_count(dashboard, usual, said):
    from dataclasses import replace

    from receiver.dashboard.pages import today
    from receiver.operations import tally

    with flask_app(dashboard).test_request_context():
        at = today.desk()
        day = today.this_day()
        counted = tally(at.db, at.zone, day, at.db.now_us())
        assert today.usual_text(replace(counted, usual=usual)) == said


def test_a_part_of_few_calls_is_told_with_all_of_them(dashboard):
    from receiver.dashboard.pages.today import share_text

    with flask_app(dashboard).test_request_context():
        assert [share_text(6, 11), share_text(1, 1), share_text(0, 3)] == ["of 11 calls", "of 1 call", ""]
