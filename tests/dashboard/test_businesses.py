"""Several businesses: each address shows one, and nothing of another can be seen or changed from it."""

import re

import pytest

from receiver import settings
from receiver.dashboard.rights import right_of
from tests.support.browsing import Browser, dashboard_of, flask_app
from tests.support.office import KEY, NAMES, Office, word
from tests.support.tools import in_zone

PAGES = (
    "/",
    "/callbacks",
    "/calls",
    "/problems",
    "/destinations",
    "/connection",
    "/deliveries",
    "/settings",
    "/history",
)


@pytest.fixture
def desk_env(desk_env):
    return desk_env | {"SECRET_KEY": KEY, "INBOUNDFLOW_SIGNING_SECRET": "s" * 20, "BUSINESS_NAME": f"{word('')} Ltd"}


@pytest.fixture
def office(db, desk_env):
    from receiver.operations import fold

    office = Office(db, desk_env)
    fold(db, in_zone(db))
    return office


@pytest.fixture
def browser(office, desk_env):
    browser = Browser(dashboard_of(settings.read(desk_env), office.db))
    browser.sign_in("Ana")
    return browser


def prefix(source):
    return f"/b/{source}" if source else ""


def foreign(text, source):
    """The words of other businesses in it; the titles that the frame offers to choose from are no secret to an owner."""
    shown = re.sub(r'<select id="business".*?</select>', "", text, flags=re.DOTALL)
    return [word(each) for each in NAMES if each != source and word(each) in shown]


@pytest.mark.parametrize("source", NAMES)
@pytest.mark.parametrize("path", PAGES)
def test_each_page_is_that_of_the_business_in_its_address(browser, source, path):
    page = browser.get(prefix(source) + path)

    assert (page.status_code, foreign(page.text, source)) == (200, [])
    assert word(source) in re.sub(r'<select id="business".*?</select>', "", page.text, flags=re.DOTALL)
    for link in re.findall(r'(?:href|action)="(/[^"]*)"', page.text):
        assert link.startswith((f"{prefix(source)}/", "/static/")), link


def test_a_business_is_chosen_and_remembered_and_the_plain_address_leads_there(browser):
    browser.get("/calls")
    assert "acmeword Ltd" in browser.text
    browser.submit("/business", name="acme")
    assert browser.page.headers["Location"] == "/b/acme/calls"
    browser.follow()
    assert "acmeword Caller" in browser.text
    browser.get("/?day=2026-01-01")
    assert browser.page.headers["Location"] == "/b/acme/?day=2026-01-01"

    browser.get("/calls")  # a link to that of the environment works
    assert "plainword Caller" in browser.text
    browser.get("/b/acme/calls")
    browser.submit("/b/acme/business", name="")
    assert browser.page.headers["Location"] == "/calls"
    assert browser.get("/").status_code == 200


@pytest.mark.parametrize("name", ["nobody", "acme2", "%2e%2e", "ACME"])
def test_a_business_that_there_is_not_is_no_page(browser, name):
    assert browser.get(f"/b/{name}/calls").status_code == 404
    assert browser.post("/business", name=name).status_code in (400, 404)


def test_a_stranger_learns_nothing_of_which_there_are(browser):
    stranger = Browser(browser.client.application)
    asked = [stranger.get(f"/b/{name}/calls") for name in ("acme", "nobody")]

    assert [page.status_code for page in asked] == [302, 302]
    assert "acmeword" not in stranger.get("/b/acme/sign-in").text


def test_after_signing_in_one_is_where_one_wanted_to_go(browser):
    stranger = Browser(browser.client.application)
    stranger.get("/b/acme/calls?when=week")
    stranger.follow()
    stranger.submit("/b/acme/sign-in", name="Ana", password="correct horse battery")

    assert stranger.page.headers["Location"] == "/b/acme/calls?when=week"


VALUES = ("id", "call", "key", "deliveries", "q")


def fields(office, source, number):
    """What a form or an address may name of a business."""
    call = f"{word(source)}-call-{number}" if number < 3 else f"{word(source)}-call"  # or how several begin
    marks = {name: call for name in VALUES}
    return marks | {
        "source": source, "handler": "slack.post", "target": "", "of": str(office.jobs[source]), "kind": "replay",
        "state": "dead", "before": "", "way": "reached", "note": "n", "mark": "1", "seen": "0", "accept": "[]",
        "caller": "+1555", "reason": "other", "words": "w", "again": "1", "show": "1",
    }  # fmt: skip


def routes(app, method):
    return [rule for rule in app.url_map.iter_rules() if method in rule.methods and "sign_in" not in rule.endpoint]


def addresses(office, app, method, theirs):
    for rule in routes(app, method):
        if rule.endpoint.startswith("assets.") or rule.endpoint == "businesses.choose":
            continue
        arguments = {
            name: office.jobs[theirs] if name == "number" else f"{word(theirs)}-call-0" for name in rule.arguments
        }
        yield rule.endpoint, rule.build(arguments)[1].split("|")[-1]


@pytest.mark.parametrize("mine", NAMES)
def test_no_route_shows_anything_of_another_business_whatever_it_is_asked(office, browser, mine):
    app = flask_app(browser.client.application)
    seen = []
    for theirs in [source for source in NAMES if source != mine]:
        for endpoint, path in addresses(office, app, "GET", theirs):
            for live in ("", "/live"):
                for number in range(4):
                    query = "&".join(
                        f"{name}={value}"
                        for name, value in fields(office, theirs, number).items()
                        if name not in ("state", "caller", "q")
                    )
                    page = browser.get(f"{live}{prefix(mine)}{path}?{query.replace('+', '%2B')}")
                    # What somebody asked for stands in the form with which they asked.
                    said = re.sub(r'(value|href|action)="[^"]*"', "", page.text)
                    said = re.sub(rf"{fields(office, theirs, number)['id']}(?!-)", "", said)
                    seen += [(endpoint, word_) for word_ in foreign(said, mine)]
                    assert page.status_code < 500, (endpoint, page.status_code)
    assert seen == []


@pytest.mark.parametrize("page", ["jobs", "erase"])
def test_a_number_of_another_business_is_no_page(office, browser, page):
    numbers = office.jobs.values()  # of the erasures too

    found = {mine: [browser.get(f"{prefix(mine)}/{page}/{number}").status_code for number in numbers] for mine in NAMES}

    assert found == {"": [200, 404, 404], "acme": [404, 200, 404], "bolt": [404, 404, 200]}


@pytest.mark.parametrize("mine", NAMES)
def test_no_form_changes_anything_of_another_business(office, browser, mine):
    app = flask_app(browser.client.application)
    browser.get(prefix(mine) + "/calls")
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.page.text)[1]
    for theirs in [source for source in NAMES if source != mine]:
        before = office.state(theirs)
        for endpoint, path in addresses(office, app, "POST", theirs):
            for kind, handler in (
                ("replay", "slack.post"),
                ("cancel", "hubspot.keep_contact"),
                ("resume", "slack.post"),
            ):
                form = fields(office, theirs, 0) | {"kind": kind, "handler": handler, "csrf_token": token}
                page = browser.post(prefix(mine) + path, **form)
                assert page.status_code < 500, (endpoint, page.status_code)
                made = re.fullmatch(r".*/jobs/(\d+)", page.headers.get("Location", ""))
                if made:  # a job that it made is about nothing of theirs
                    browser.post(f"{prefix(mine)}/jobs/{made[1]}/start", csrf_token=token, reason="other", words="w")
                assert foreign(page.text.replace(f"{word(theirs)}-call-0", ""), mine) == [], endpoint
        assert office.state(theirs) == before


@pytest.mark.parametrize("text", ["Caller", "4242", "boltword", "boltword-call-0"])
def test_a_search_finds_nothing_of_another_business(office, browser, text):
    browser.get("/b/acme/calls")
    browser.post("/b/acme/calls", q=text)
    browser.follow()

    said = re.sub(r'value="[^"]*"', "", browser.page.text).replace(text, "")
    assert foreign(said, "acme") == []
    assert ("acmeword Caller" in browser.page.text) == (text in ("Caller", "4242"))


def test_each_form_of_ones_own_business_does_what_it_says(office, browser):
    """So that the test above fails for the right reason."""
    browser.get("/b/acme/problems")
    browser.post("/b/acme/jobs", kind="resume", handler="slack.post", target="")
    browser.follow()
    browser.submit(re.search(r"/b/acme/jobs/[0-9]+/start", browser.page.text)[0])

    assert office.state("acme")["pauses"] == []
    assert len(office.state("bolt")["pauses"]) == 1
    browser.get("/b/acme/callbacks")
    browser.post("/b/acme/callbacks", id="acmeword-call-1", way="reached", note="", seen="0")
    assert len(office.state("acme")["callbacks"]) == 1


def test_every_view_that_there_is_was_walked(browser):
    app = flask_app(browser.client.application)

    assert all(right_of.__module__ and rule.endpoint in app.view_functions for rule in app.url_map.iter_rules())
