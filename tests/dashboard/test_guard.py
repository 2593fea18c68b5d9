import pytest

from receiver import settings
from tests.support.browsing import PASSWORD, TOKEN, Browser, dashboard_of

FOREIGN = [
    {},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost:9"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    {"Sec-Fetch-Site": "same-site"},
]


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_form_from_elsewhere_is_refused_signed_in_or_not(browser, headers):
    browser.get("/")
    assert browser.post("/sign-out", headers=headers).status_code == 403
    assert browser.get("/").status_code == 200

    stranger = Browser(browser.client.application)
    stranger.get("/sign-in")
    assert stranger.post("/sign-in", headers=headers, name="Eve", password=PASSWORD).status_code == 403


def test_a_form_without_the_token_of_this_session_is_refused(browser, stranger):
    stranger.get("/sign-in")
    other = TOKEN.search(stranger.page.text)[1]
    browser.get("/")

    statuses = [browser.post("/sign-out", csrf_token=token).status_code for token in ("", "x", other)]

    assert statuses == [400, 400, 400]
    assert "This form is too old" in browser.text


def test_each_answer_tells_the_browser_what_it_may_do(browser):
    for path in ("/", "/help", "/nowhere", "/sign-in", "/live/"):
        headers = browser.get(path).headers
        assert headers["Content-Security-Policy"] == (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
            "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        )
        assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "same-origin")
        assert (headers["Cache-Control"], headers["X-Robots-Tag"]) == ("no-store", "noindex, nofollow")


@pytest.mark.parametrize(
    ("host", "called", "status"),
    [
        ("127.0.0.1", "http://evil.example", 403),  # a name that was made to lead here
        ("127.0.0.1", "http://127.0.0.1:8000", 200),
        ("127.0.0.1", "http://[::1]:8000", 200),
        ("::1", "http://localhost", 200),
        ("0.0.0.0", "http://calls.example.com", 200),
    ],
)
def test_on_loopback_only_its_own_names_lead_to_a_page(db, desk_env, host, called, status):
    app = dashboard_of(settings.read(desk_env | {"HOST": host}), db)

    assert Browser(app, base=called).get("/sign-in").status_code == status


def test_behind_a_proxy_on_the_same_machine_its_name_is_believed(db, desk_env):
    app = dashboard_of(settings.read(desk_env | {"FORWARDED_HOPS": "1"}), db)
    browser = Browser(app, base="http://127.0.0.1:8000")

    page = browser.get("/sign-in", **{"X-Forwarded-Host": "calls.example.com", "X-Forwarded-Proto": "https"})

    assert page.status_code == 200


PROXIED = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7", "Origin": "https://calls.example.com"}


@pytest.mark.parametrize("proxied", [PROXIED, {"Origin": "https://evil.example"}])
def test_behind_a_proxy_that_the_settings_do_not_name_a_form_is_refused_with_what_to_set(db, desk_env, proxied):
    browser = Browser(dashboard_of(settings.read(desk_env), db))
    browser.get("/sign-in")

    answer = browser.post("/sign-in", headers=proxied, name="Ana", password=PASSWORD)

    assert (answer.status_code, "set FORWARDED_HOPS (1 for one)" in browser.text) == (403, proxied is PROXIED)


def test_what_reads_changes_nothing(browser, db):
    browser.get("/")  # which makes the token of its forms
    before = [dict(row) for row in db.read("SELECT * FROM sessions")]
    for path in ("/sign-out", "/sign-in/link"):
        browser.get(path)

    assert [dict(row) for row in db.read("SELECT * FROM sessions")] == before
