import re

import pytest

from tests.dashboard.test_today import db_forget
from tests.support.browsing import on_both
from tests.support.practice import Practice

NAMES = {"a": "María García", "b": "José Ángel Peña", "c": "Ana Ruiz", "d": ""}


@pytest.fixture
def practice(db):
    practice = Practice(db)
    for n, (call_id, name) in enumerate(NAMES.items()):
        events = ("call.completed", "appointment.booked") if call_id == "c" else ("call.completed",)
        practice.call(call_id=call_id, name=name, phone=f"+1202555{n}142", ago_s=600 * (n + 1), events=events)
    return practice


def found(browser):
    return [value.partition("=")[2] for value in re.findall(r'class="line" href="([^"]+)"', browser.page.text)]


def search(browser, text, **more):
    browser.get("/calls")
    browser.post("/calls", q=text, **more)
    browser.follow()
    return found(browser)


@on_both()
def test_calls_are_listed_newest_first_one_row_each(practice, browser):
    browser.get("/calls")

    assert found(browser) == ["a", "b", "c", "d"]
    assert "Unknown caller" in browser.text


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("garcia", ["a"]),
        ("GARC", ["a"]),
        ("pena jose", ["b"]),
        ("josé ruiz", []),
        ("2142", ["c"]),
        ("+1 (202) 555-2142", ["c"]),
        ("142", ["a", "b", "c", "d"]),
        ("d", ["d"]),  # its id, whole
        ("zz", []),
        ("%", []), ("'", []), ("\u202e", ["a", "b", "c", "d"]),
    ],
)  # fmt: skip
@on_both()
def test_a_call_is_found_by_name_number_or_id(practice, browser, text, calls):
    assert search(browser, text) == calls


def test_a_search_of_a_letter_or_two_digits_is_not_made(practice, browser):
    for text in ("g", "14"):
        assert search(browser, text) == []
        assert "Type two letters or three digits at least." in browser.text


def test_nothing_found_says_how_far_back_was_looked_and_how_to_clear_it(practice, browser):
    assert search(browser, "nobody <b>") == []

    assert "No call matches “nobody <b>”. We looked back to" in browser.text
    assert "Clear" in browser.text


def test_what_was_searched_for_stands_in_no_address(practice, browser):
    browser.get("/calls")
    answer = browser.post("/calls", q="García")
    assert answer.headers["Location"] == "/calls?s=1"

    browser.follow()
    assert all("arc" not in url for url in re.findall(r'(?:href|action|src)="([^"]*)"', browser.page.text))


def test_filters_are_shown_as_chips_that_take_them_away(practice, browser):
    assert search(browser, "a", when="today", outcome="booked") == []  # a letter

    browser.get("/calls?outcome=booked")
    assert found(browser) == ["c"]
    assert re.search(r'class="tag" href="/calls">\s*<bdi>Booked', browser.page.text)


def test_a_page_has_fifty_and_leads_to_older_ones(db, browser):
    practice = Practice(db)
    for n in range(120):
        practice.call(call_id=f"c{n:03}", ago_s=60 * (n // 3 + 1))  # some at the very same time
    seen = []
    browser.get("/calls")
    while True:
        seen += found(browser)
        older = re.search(r'href="([^"]+)">Show older calls', browser.page.text)
        if not older:
            break
        browser.get(older[1].replace("&amp;", "&"))

    assert (len(seen), len({*seen})) == (120, 120)


def test_how_a_call_arrived_is_a_mark_with_words(db, browser):
    practice = Practice(db)
    for call_id, states in {
        "ok": {"slack": "succeeded"}, "bad": {"slack": "dead", "hubspot": "succeeded"},
        "again": {"slack": "retrying"}, "way": {"slack": "queued"}, "not": {"slack": "skipped"},
    }.items():  # fmt: skip
        practice.runs(practice.call(call_id=call_id), **states)
    practice.call(call_id="new")
    practice.runs(practice.call(call_id="kept"))
    browser.get("/calls")

    lines = dict(
        re.findall(
            r'call\?id=(\w+)".*?<span class="mark" aria-hidden="true">.</span>([^<]+)</span>',
            browser.page.text,
            re.DOTALL,
        )
    )
    assert lines == {
        "ok": "Arrived", "bad": "Slack: did not arrive", "again": "Slack: trying again", "way": "Slack: on its way",
        "not": "Not sent", "new": "On its way", "kept": "Kept",
    }  # fmt: skip


def test_new_calls_appear_in_the_part_that_is_drawn_again(practice, browser):
    browser.get("/live/calls")
    assert found(browser) == ["a", "b", "c", "d"]

    practice.call(call_id="e", ago_s=5)
    db_forget(browser)
    browser.get("/live/calls")
    assert found(browser)[0] == "e"
