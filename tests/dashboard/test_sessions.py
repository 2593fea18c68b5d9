import pytest

from receiver import settings
from tests.support.browsing import PASSWORD, Browser, dashboard_of

HOUR_US = 3_600_000_000


def rows(db):
    return [dict(row) for row in db.read("SELECT * FROM sessions")]


def test_nobody_has_a_row_before_signing_in_and_no_token_is_stored(stranger, db):
    stranger.get("/sign-in")
    assert rows(db) == []

    stranger.sign_in()
    token = stranger.client.get_cookie("inboundflow").value

    assert [row["name"] for row in rows(db)] == ["Ana"]
    assert token not in str(rows(db))


@pytest.mark.parametrize(
    ("hops", "base", "forwarded", "is_secure"),
    [
        (0, "http://localhost", {}, False),
        (0, "http://localhost", {"X-Forwarded-Proto": "https"}, False),  # believed from nobody
        (1, "http://localhost", {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}, True),
        (1, "http://localhost", {"X-Forwarded-Proto": "https, http", "X-Forwarded-For": "1.2.3.4, 127.0.0.1"}, False),
        (2, "http://localhost", {"X-Forwarded-Proto": "https, http", "X-Forwarded-For": "203.0.113.7, 10.0.0.1"}, True),
    ],
)
def test_the_cookie_keeps_to_https_where_the_page_came_by_it(db, desk_env, hops, base, forwarded, is_secure):
    app = dashboard_of(settings.read(desk_env | {"FORWARDED_HOPS": str(hops)}), db)
    browser = Browser(app, base=base)
    browser.get("/sign-in", **forwarded)
    origin = ("https" if is_secure else "http") + "://localhost"
    # the visitor's own cookie is a Secure one too, which this client sends back over https only
    browser.base = origin if is_secure else base

    entered = browser.post("/sign-in", headers={"Origin": origin} | forwarded, name="Ana", password=PASSWORD)

    assert entered.status_code == 303
    [cookie] = [cookie for cookie in entered.headers.getlist("Set-Cookie") if "visitor" not in cookie]
    assert ("HttpOnly" in cookie, "SameSite=Lax" in cookie, "Path=/" in cookie, "Domain" in cookie) == (
        True, True, True, False,
    )  # fmt: skip
    assert (cookie.startswith("__Host-inboundflow="), "Secure" in cookie) == (is_secure, is_secure)
    assert ("Strict-Transport-Security" in entered.headers) == is_secure


def test_a_session_ends_after_twelve_hours_without_a_look_and_after_a_week(browser, db):
    def age(column, hours):
        db.commit(lambda tx: tx.execute(f"UPDATE sessions SET {column} = {column} - ?", (hours * HOUR_US,)))
        return browser.get("/help").status_code

    assert [age("seen_us", 11), age("seen_us", 11), age("seen_us", 13)] == [200, 200, 302]


def test_a_session_ends_a_week_after_it_began(browser, db):
    db.commit(lambda tx: tx.execute("UPDATE sessions SET created_us = created_us - ?", (24 * 7 * HOUR_US,)))

    assert browser.get("/help").status_code == 302


def test_a_page_that_draws_itself_again_does_not_prolong_a_session(browser, db):
    db.commit(lambda tx: tx.execute("UPDATE sessions SET seen_us = seen_us - ?", (2 * HOUR_US,)))
    [before] = rows(db)
    browser.get("/live/help")
    assert rows(db) == [before]

    browser.get("/help")
    assert rows(db)[0]["seen_us"] > before["seen_us"]


def test_another_password_ends_all_sessions(browser, db, desk_env):
    other = dashboard_of(settings.read(desk_env | {"DASHBOARD_PASSWORD": "another password"}), db)
    again = Browser(other)
    again.client.set_cookie("inboundflow", browser.client.get_cookie("inboundflow").value)

    assert (browser.get("/").status_code, again.get("/").status_code) == (200, 302)


def test_a_new_token_is_given_at_each_sign_in(browser):
    first = browser.client.get_cookie("inboundflow").value
    browser.get("/")
    browser.post("/sign-out")
    browser.sign_in()

    assert browser.client.get_cookie("inboundflow").value != first
