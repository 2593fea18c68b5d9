import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from werkzeug.security import generate_password_hash

from receiver import settings
from receiver.operations import links, make_link
from receiver.settings import Password
from tests.support.browsing import PASSWORD, Browser, dashboard_of, read


def history(db):
    rows = db.read("SELECT action, who, address, detail FROM audit ORDER BY id")
    return [(row["action"], row["who"], row["address"], json.loads(row["detail"])) for row in rows]


def test_who_has_not_signed_in_is_led_to_the_form_and_back_to_the_page(stranger):
    asked = stranger.get("/help?x=1")
    assert (asked.status_code, asked.headers["Location"]) == (302, "/sign-in?next=/help?x%3D1")

    stranger.follow()
    entered = stranger.submit("/sign-in", password=PASSWORD, name="Ana")

    assert (entered.status_code, entered.headers["Location"]) == (303, "/help?x=1")
    assert stranger.follow().status_code == 200


def test_a_wrong_password_is_said_to_be_wrong_and_noted(stranger, db):
    refused = stranger.sign_in(password="wrong")
    again = stranger.sign_in(password="wrong again")

    assert (refused.status_code, again.status_code) == (403, 403)
    assert "That password is not right." in stranger.text
    assert history(db) == [("wrong-password", "", "127.0.0.1", {"tries": 2})]


def test_who_signs_in_is_noted_by_name_and_address(browser, db):
    assert history(db) == [("sign-in", "Ana", "127.0.0.1", {"by": ["password"]})]


def test_without_a_name_nobody_signs_in(stranger):
    assert stranger.sign_in(name="\u202e \x07").status_code == 400
    assert "Write your name" in stranger.text


def test_after_five_wrong_ones_no_password_is_taken_and_it_says_when(stranger, dashboard):
    for _ in range(5):
        stranger.sign_in(password="wrong")
    refused = stranger.sign_in()
    assert (refused.status_code, "Too many tries. Try again in 15 minutes." in stranger.text) == (429, True)

    assert Browser(dashboard, address="127.0.0.9").sign_in().status_code == 303  # from elsewhere


@pytest.mark.parametrize("where", ["//evil.example", "https://evil.example", "/\\evil.example", "/sign-in", "x"])
def test_a_link_leads_to_no_other_site(stranger, where):
    stranger.get(f"/sign-in?next={where}")

    entered = stranger.submit("/sign-in", password=PASSWORD, name="Ana")

    assert entered.headers["Location"] == "/"


def test_a_stored_hash_is_a_password_too(db, desk_env):
    hashed = generate_password_hash(PASSWORD)
    browser = Browser(dashboard_of(settings.read(desk_env | {"DASHBOARD_PASSWORD": hashed}), db))

    assert [browser.sign_in(password=typed).status_code for typed in (hashed, PASSWORD)] == [403, 303]


def test_passwords_are_checked_one_at_a_time(db, desk_env, monkeypatch):
    checking, most = [], []

    def check(*_):
        checking.append(1)
        most.append(len(checking))
        links.time.sleep(0.02)
        checking.pop()
        return False

    monkeypatch.setattr("receiver.dashboard.passwords.check_password_hash", check)
    app = dashboard_of(settings.read(desk_env | {"DASHBOARD_PASSWORD": generate_password_hash(PASSWORD)}), db)
    browsers = [Browser(app, address=f"127.0.0.{n}") for n in range(1, 5)]
    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(lambda browser: browser.sign_in(password="wrong").status_code, browsers))

    assert (statuses, max(most)) == ([403] * 4, 1)


def test_a_link_signs_in_once_and_only_by_its_button(dashboard, db):
    link = make_link(Password(PASSWORD), "http://localhost")
    first, second = Browser(dashboard), Browser(dashboard)
    for browser in (first, second):
        assert browser.get(link).status_code == 200  # as a scanner of mail opens it
    token = link.partition("token=")[2]

    assert first.submit("/sign-in/link", name="Ana", token=token).headers["Location"] == "/"
    assert second.submit("/sign-in/link", name="Eve", token=token).status_code == 403
    assert "does not work any more" in second.text
    assert history(db) == [("sign-in", "Ana", "127.0.0.1", {"by": ["link"]})]


def test_a_link_that_is_old_forged_or_of_another_password_signs_nobody_in(stranger, monkeypatch):
    now = links.time.time()
    good = make_link(Password(PASSWORD), "").partition("token=")[2]
    other = make_link(Password("another password"), "").partition("token=")[2]
    monkeypatch.setattr(links.time, "time", lambda: now - 601)
    old = make_link(Password(PASSWORD), "").partition("token=")[2]
    monkeypatch.undo()

    tokens = [other, old, good[:-1] + ("0" if good[-1] != "0" else "1"), f"9{good}", "ñ", "..", "x" * 5000]
    statuses = []
    for token in tokens:
        stranger.get("/sign-in/link?token=x")
        statuses.append(stranger.post("/sign-in/link", name="Eve", token=token).status_code)

    assert statuses == [403] * len(tokens)


def test_signing_out_ends_the_session_and_everywhere_ends_all(dashboard, db):
    browsers = [Browser(dashboard) for _ in range(3)]
    for browser in browsers:
        browser.sign_in("Ana")
        browser.follow()
    first, second, _ = browsers

    assert first.post("/sign-out").headers["Location"] == "/sign-in?out=1"
    assert [browser.get("/").status_code for browser in browsers] == [302, 200, 200]

    second.post("/sign-out", all="1")
    assert [browser.get("/").status_code for browser in browsers] == [302, 302, 302]
    assert [action for action, *_ in history(db)[-2:]] == ["sign-out", "sign-out-all"]


def test_a_form_sent_by_somebody_signed_out_meanwhile_is_kept_and_confirmed(browser, db):
    browser.get("/")
    db.commit(lambda tx: tx.execute("DELETE FROM sessions"))

    asked = browser.post("/sign-out?x=1", note="Left a message", way="message")
    assert (asked.status_code, "what you wrote is not lost" in browser.text) == (401, True)
    browser.submit("/sign-in", password=PASSWORD, name="Ana")
    browser.follow()

    assert "Save what you wrote?" in browser.text
    assert "Left a message" in browser.text
    assert 'action="/sign-out?x=1"' in browser.page.text
    assert 'name="way" value="message"' in browser.page.text


@pytest.mark.parametrize(
    ("base", "address", "may_type"),
    [
        ("http://localhost", "127.0.0.1", True),
        ("http://127.0.0.1:8000", "::1", True),
        ("http://calls.example.com", "203.0.113.7", False),
        ("http://192.168.1.4:8000", "192.168.1.9", False),
        ("https://calls.example.com", "203.0.113.7", True),
    ],
)
def test_no_password_is_typed_into_a_page_that_came_over_plain_http(db, desk_env, base, address, may_type):
    app = dashboard_of(settings.read(desk_env | {"HOST": "0.0.0.0"}), db)
    browser = Browser(app, base=base, address=address)

    browser.get("/sign-in")
    assert ('name="password"' in browser.page.text) == may_type
    assert browser.sign_in().status_code in ({303} if may_type else {400, 403})


@pytest.mark.parametrize(("lang", "first"), [("en", "Ask whoever set this up"), ("es", "Pídela a quien te instaló")])
def test_who_forgot_the_password_is_told_whom_to_ask_and_the_command_stands_below(db, desk_env, lang, first):
    stranger = Browser(dashboard_of(settings.read(desk_env | {"HOST": "0.0.0.0"}), db))
    page = stranger.get(f"/sign-in?lang={lang}") and stranger.follow().text
    told = read(re.sub(r"<details.*?</details>", "", page, flags=re.DOTALL))

    assert first in told
    assert "dashboard-link" not in told
    assert "receiver dashboard-link" in read(page)
    assert "DASHBOARD_PASSWORD" in read(page)


def test_on_the_machine_itself_the_command_for_a_link_stands_there_as_it_is_typed(stranger):
    stranger.get("/sign-in")

    assert "prints a link that signs in once, within 10 minutes: receiver dashboard-link --url http://localhost" in (
        stranger.text
    )
