"""People with a password of their own see their businesses, and may do there what their role allows."""

import re

import pytest

from receiver import operations, settings
from receiver.dashboard.rights import RIGHTS, ROLES, SIGNED_IN
from tests.support.browsing import PASSWORD, Browser, dashboard_of, flask_app
from tests.support.office import KEY, Office
from tests.support.tools import in_zone

OWN = "a password of their own"
WHO = {"Vera": ("viewer", "acme"), "Otto": ("operator", "acme"), "Olga": ("owner", "acme"), "Max": ("owner", "*")}

# What each POST route needs; what is not here fails, as does a new one.
NEEDS = {
    "businesses.choose": SIGNED_IN,
    "call.number": "see numbers",
    "call.sent": "see numbers",
    "callbacks.mark": "call back",
    "callbacks.name": "call back",
    "callbacks.number": "see numbers",
    "callbacks.numbers": "see numbers",
    "callbacks.undo": "call back",
    "calls.search": "look",
    "connect.secret": "see settings",
    "connection.take_in": "repair",
    "erase.drop": "erase",
    "erase.make": "erase",
    "erase.start": "erase",
    "jobs.go_on": "repair",
    "jobs.make": "repair",
    "jobs.start": "repair",
    "jobs.stop": "repair",
    "people.add": "make people",
    "people.password": "make people",
    "people.role": "make people",
    "problems.check": "repair",
    "problems.pause": "repair",
    "sign_in.enter": "",
    "sign_in.enter_by_link": "",
    "sign_in.leave": SIGNED_IN,
}


@pytest.fixture
def desk_env(desk_env):
    return desk_env | {"SECRET_KEY": KEY, "INBOUNDFLOW_SIGNING_SECRET": "s" * 20}


@pytest.fixture
def office(db, desk_env):
    office = Office(db, desk_env)
    operations.fold(db, in_zone(db))
    for name, (role, source) in WHO.items():
        operations.add_person(db, name, OWN, role, source)
    return office


@pytest.fixture
def enter(office, desk_env):
    app = dashboard_of(settings.read(desk_env), office.db)

    def enter(name, password=OWN):
        browser = Browser(app)
        browser.sign_in(name, password)
        return browser

    return enter


def posts(app):
    return sorted(rule.endpoint for rule in app.url_map.iter_rules() if "POST" in rule.methods)


def test_each_form_has_a_right_that_somebody_has_thought_of(enter):
    views = flask_app(enter("Max").client.application).view_functions

    assert {name: views[name].right for name in posts(flask_app(enter("Max").client.application))} == NEEDS


def test_each_role_may_do_what_the_one_before_it_may_and_more():
    assert ROLES["viewer"] < ROLES["operator"] < ROLES["owner"] == set(RIGHTS)
    assert ROLES["viewer"] == {"look"}
    assert not ROLES["operator"] & {"see settings", "see history", "erase", "make people"}


@pytest.mark.parametrize("name", ["Vera", "Otto", "Olga"])
def test_a_person_is_refused_what_their_role_may_not_and_nothing_is_changed(office, enter, name):
    browser = enter(name)
    app = flask_app(browser.client.application)
    browser.get("/b/acme/calls")
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.page.text)[1]
    before, refused, done = office.state("acme"), [], []
    for rule in app.url_map.iter_rules():
        right = app.view_functions[rule.endpoint].right
        if right in ("", SIGNED_IN) or rule.endpoint.startswith("sign_in"):
            continue
        path = "/b/acme" + rule.build({each: office.jobs["acme"] for each in rule.arguments})[1].split("|")[-1]
        method = "POST" if "POST" in rule.methods else "GET"
        if right in ROLES[WHO[name][0]]:
            done.append(right)
        else:
            form = {"data": {"csrf_token": token, "id": "acmeword-call-0", "way": "reached", "kind": "replay", "handler": "slack.post"}}  # fmt: skip
            own = {"headers": {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}}
            refused.append(
                (rule.endpoint, browser.open(method, path, **(form | own if method == "POST" else {})).status_code)
            )

    assert [each for each in refused if each[1] != 403] == []
    assert office.state("acme") == before
    assert set(done) == ROLES[WHO[name][0]]


@pytest.mark.parametrize("path", ["/calls", "/b/bolt/calls", "/b/bolt/", "/b/nobody/calls"])
def test_of_a_business_without_a_role_there_there_is_nothing(enter, path):
    browser = enter("Olga")

    page = browser.get(path)

    if path == "/calls":  # that of the environment: the way to their own
        assert page.headers["Location"] == "/b/acme/calls"
    else:
        assert (page.status_code, "boltword" in page.text, "plainword" in page.text) == (404, False, False)
    assert browser.post("/callbacks", id="plainword-call-1", way="reached", seen="0").status_code in (400, 404)


def test_who_sees_one_business_is_offered_no_other_and_who_sees_all_is(enter):
    olga, everybody = enter("Olga"), enter("Max")
    olga.get("/")
    assert olga.page.headers["Location"] == "/b/acme/"
    olga.follow()
    everybody.get("/")

    assert 'id="business"' not in olga.page.text
    assert "boltword" not in olga.page.text
    assert re.findall(r'<option value="([a-z]*)"', everybody.page.text)[:3] == ["", "acme", "bolt"]
    assert olga.post("/b/acme/business", name="bolt").status_code == 404


def test_a_page_offers_nothing_that_would_be_refused(office, enter):
    shown = {}
    for name in WHO:
        browser = enter(name)
        forms = set()
        for path in ("/callbacks", "/problems", "/destinations", "/connection", "/call?id=acmeword-call-0"):
            forms |= set(re.findall(r'action="([^"?]+)', browser.get(f"/b/acme{path}").text))
        shown[name] = {form.removeprefix("/b/acme") for form in forms} - {"/sign-out", "/business"}

    assert shown["Vera"] == set()
    assert {"/callbacks", "/jobs", "/call/number", "/call/sent"} <= shown["Otto"]
    assert shown["Otto"] <= shown["Olga"] <= shown["Max"]


def test_a_viewer_sees_no_number(enter):
    viewer = enter("Vera").get("/b/acme/call?id=acmeword-call-0").text

    assert "4242" in viewer  # its end
    assert "155517" not in re.sub(r"\D", "", viewer.replace("4242", ""))


def test_only_their_own_password_counts_for_a_persons_name(enter, office):
    assert [enter("Vera", password).page.status_code for password in (PASSWORD, OWN + "x", OWN)] == [403, 403, 303]
    assert enter("somebody else", OWN).page.status_code == 403
    assert enter("somebody else", PASSWORD).page.status_code == 303


def test_nobody_takes_the_name_of_a_person(enter, office, desk_env):
    link = operations.make_link(settings.read(desk_env).dashboard_password, "http://localhost")
    browser = enter("somebody", PASSWORD)
    browser.get("/callbacks")
    browser.post("/callbacks/name", name="VERA")
    by_link = Browser(browser.client.application)
    by_link.get(link.removeprefix("http://localhost"))
    by_link.submit("/sign-in/link", name="Vera")
    otto = enter("Otto")
    otto.get("/b/acme/callbacks")
    otto.post("/b/acme/callbacks/name", name="Olga")

    assert "Somebody of this name has a password of their own" in by_link.text
    assert {row["name"] for row in office.db.read("SELECT name FROM sessions")} == {"somebody", "Otto"}


def test_signing_out_everywhere_is_of_ones_own_sessions(enter, office):
    first, second, other = enter("Olga"), enter("Olga"), enter("Max")
    first.get("/b/acme/settings")
    first.submit("/b/acme/sign-out", all="1")

    assert second.get("/b/acme/calls").status_code == 302
    assert other.get("/b/acme/calls").status_code == 200


def test_history_and_sessions_of_a_business_name_its_own_people(enter):
    enter("Max")
    enter("somebody", PASSWORD)
    olga = enter("Olga")

    seen = olga.get("/b/acme/settings").text + olga.get("/b/acme/history").text

    assert "Olga" in seen
    assert ("Max" in seen, "somebody" in seen) == (False, False)


def test_an_owner_adds_changes_and_removes_people_of_their_business(enter, office):
    olga = enter("Olga")
    olga.get("/b/acme/people")
    olga.submit("/b/acme/people", name="Nora", password=OWN, role="viewer")
    assert enter("Nora").get("/b/acme/calls").status_code == 200
    olga.get("/b/acme/people")
    assert "Nora" in olga.text
    assert "Max" not in olga.text
    olga.post("/b/acme/people/role", person="Nora", role="operator")
    olga.get("/b/acme/people")
    olga.post("/b/acme/people/password", person="Nora", password="quite another password")
    assert enter("Nora").page.status_code == 403
    assert operations.person_named(office.db, "nora").roles == {"acme": "operator"}

    olga.get("/b/acme/people")
    olga.post("/b/acme/people/role", person="Nora", role="none")
    assert operations.person_named(office.db, "nora") is None


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/people/role", {"person": "Max", "role": "viewer"}),  # a role at all businesses
        ("/people/role", {"person": "Berta", "role": "owner"}),  # of another business
        ("/people/role", {"person": "Olga", "role": "viewer"}),  # herself
        ("/people/role", {"person": "Otto", "role": "emperor"}),
        ("/people/password", {"person": "Max", "password": "quite another password"}),
        ("/people/password", {"person": "Berta", "password": "quite another password"}),
        ("/people/password", {"person": "Both", "password": "quite another password"}),  # who is at another one too
    ],
)
def test_an_owner_of_one_business_touches_nobody_of_another(enter, office, path, fields):
    operations.add_person(office.db, "Berta", OWN, "viewer", "bolt")
    operations.add_person(office.db, "Both", OWN, "viewer", "bolt")
    operations.set_role(office.db, "Both", "acme", "viewer")
    olga = enter("Olga")
    olga.get("/b/acme/people")
    before = [dict(row) for table in ("people", "roles") for row in office.db.read(f"SELECT * FROM {table}")]

    assert olga.post("/b/acme" + path, **fields).status_code == 404
    assert [dict(row) for table in ("people", "roles") for row in office.db.read(f"SELECT * FROM {table}")] == before


def test_a_name_that_is_taken_elsewhere_is_refused_and_nothing_is_said_of_where(enter, office):
    olga = enter("Olga")
    olga.get("/b/acme/people")
    olga.submit("/b/acme/people", name="max", password=OWN, role="viewer")

    assert "This name cannot be taken" in olga.text
    assert operations.person_named(office.db, "Max").roles == {"*": "owner"}
