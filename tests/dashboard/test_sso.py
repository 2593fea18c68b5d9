"""Single sign-on, with a provider that speaks HTTP on loopback."""

import json
import subprocess
import sys
import threading
import time

import pytest
from joserfc.jwk import RSAKey

from receiver import operations, settings
from receiver.app.build import create_app
from receiver.dashboard import sso
from receiver.operations import EVERYWHERE
from tests.support.browsing import PASSWORD, Browser, dashboard_of
from tests.support.office import KEY
from tests.support.processes import free_port, until
from tests.support.provider import CLIENT, SECRET, played_provider

BACK = "/sign-in/sso/back"


@pytest.fixture
def provider():
    with played_provider() as provider:
        yield provider


@pytest.fixture
def desk_env(desk_env, provider):
    oidc = {"OIDC_ISSUER": provider.url, "OIDC_CLIENT_ID": CLIENT, "OIDC_CLIENT_SECRET": SECRET, "OIDC_NAME": "Acme ID"}
    return desk_env | oidc


@pytest.fixture
def ana(db):
    return operations.add_person(db, "Ana@practice.es", None, "operator", EVERYWHERE)


def go(browser, provider, where="/calls"):
    """To the provider and back."""
    browser.get(f"/sign-in/sso?next={where}")
    return browser.get(provider.come_back(browser.page.headers["Location"]))


def history(db):
    return [
        (row["action"], row["who"], json.loads(row["detail"])) for row in db.read("SELECT * FROM audit ORDER BY id")
    ]


def test_who_has_a_role_comes_in_by_the_button_and_it_is_written_down(stranger, provider, ana, db):
    stranger.get("/sign-in?next=/calls")
    assert 'href="/sign-in/sso?next=/calls"' in stranger.page.text
    assert "Sign in with Acme ID" in stranger.text

    entered = go(stranger, provider)

    assert (entered.status_code, entered.headers["Location"]) == (303, "/calls")
    assert stranger.follow().status_code == 200
    assert stranger.get("/settings").status_code == 403  # an operator
    [asked] = provider.asked
    assert (asked["scope"], asked["code_challenge_method"], asked["response_type"]) == ("openid email", "S256", "code")
    assert history(db)[1:] == [("sign-in", "Ana@practice.es", {"by": ["sso"]})]


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_button_is_in_both_languages_and_stands_only_where_it_is_set(stranger, db, desk_env, lang):
    stranger.get(f"/sign-in?lang={lang}")
    with_it = stranger.follow().text
    without = Browser(dashboard_of(settings.read(desk_env | {"OIDC_ISSUER": ""}), db))

    assert {"en": "Sign in with Acme ID", "es": "Entrar con Acme ID"}[lang] in with_it
    assert "/sign-in/sso" not in without.get("/sign-in").text
    assert without.get("/sign-in/sso").status_code == 404
    assert without.sign_in().status_code == 303


REFUSED = [
    # what the provider says                     the page says
    ({"iss": "https://evil.example"},            "did not work"),
    ({"iss": None},                              "did not work"),
    ({"aud": "another client"},                  "did not work"),
    ({"aud": "another client", "azp": CLIENT},   "did not work"),
    ({"aud": [CLIENT, "b"], "azp": "b"},         "did not work"),
    ({"aud": None},                              "did not work"),
    ({"exp": 1_000_000_000},                     "did not work"),
    ({"exp": None},                              "did not work"),
    ({"exp": "soon"},                            "did not work"),
    ({"iat": 9_000_000_000},                     "did not work"),
    ({"nonce": "another"},                       "did not work"),
    ({"nonce": None},                            "did not work"),
    ({"sub": None},                              "did not work"),
    ({"at_hash": "of another token"},            "did not work"),
    ({"email_verified": False},                  "is not confirmed"),
    ({"email_verified": "false"},                "is not confirmed"),
    ({"email_verified": None, "email": "x"},     "Nobody has given x access"),
    ({"email": None},                            "did not say your e-mail address"),
    ({"email": ["ana@practice.es"]},             "did not say your e-mail address"),
    ({"email": "eve@practice.es"},               "Nobody has given eve@practice.es access"),
    ({"email": "ana@practice.es "},              "Nobody has given"),
    ({"email": "ａna@practice.es"},              "Nobody has given"),
    ({"email": "olga@practice.es"},              "Nobody has given olga@practice.es access"),
]  # fmt: skip


@pytest.mark.parametrize(("claims", "says"), REFUSED)
def test_what_proves_nothing_lets_nobody_in(stranger, provider, ana, db, claims, says):
    operations.add_person(db, "olga@practice.es", "a password of her own", "owner", EVERYWHERE)
    provider.claims = claims

    refused = go(stranger, provider)

    assert (refused.status_code, says in stranger.text) == (403, True)
    assert db.read("SELECT * FROM sessions") == []
    assert stranger.sign_in().status_code == 303  # by password, as ever


@pytest.mark.parametrize(
    "header", [{"alg": "none"}, {"alg": "HS256"}, {"kid": "another"}, {"kid": "../../etc/passwd"}, {"kid": ""}]
)
def test_no_other_signature_counts_whatever_the_provider_says_it_may_use(stranger, provider, ana, header):
    provider.header = header

    assert (go(stranger, provider).status_code, "did not work" in stranger.text) == (403, True)


def test_a_key_that_is_not_published_counts_for_nothing(stranger, provider, ana):
    provider.signing = RSAKey.generate_key(2048)

    assert (go(stranger, provider).status_code, "did not work" in stranger.text) == (403, True)


def test_after_the_providers_keys_have_changed_people_still_come_in(dashboard, provider, ana):
    statuses = []
    for _ in range(3):
        statuses.append(go(Browser(dashboard), provider).status_code)
        provider.rotate()

    assert statuses == [303] * 3


def test_a_state_counts_once_in_the_browser_that_began_and_for_ten_minutes(dashboard, provider, ana, monkeypatch):
    first, other = Browser(dashboard), Browser(dashboard)
    for browser in (first, other):
        browser.get("/sign-in/sso")
        browser.back = provider.come_back(browser.page.headers["Location"])

    forged = [other.get(first.back), first.get(f"{BACK}?code=x&state=x"), first.get(f"{BACK}?code=x"), first.get(BACK)]
    assert [page.status_code for page in forged] == [403] * 4
    assert "was begun in another browser" in first.text
    cookies = first.client.get_cookie("inboundflow-visitor").value
    assert first.get(first.back).status_code == 303
    first.get("/")
    first.post("/sign-out")
    assert first.get(first.back).status_code == 403
    first.client.set_cookie("inboundflow-visitor", cookies)  # as it was: then the provider has given its code away
    assert (first.get(first.back).status_code, "did not work" in first.text) == (403, True)

    now = time.time()
    monkeypatch.setattr(sso.time, "time", lambda: now + 601)
    assert other.get(other.back).status_code == 403


def test_who_cancels_or_is_refused_there_is_told(stranger, provider, ana):
    stranger.get("/sign-in/sso")
    state = stranger.page.headers["Location"].partition("state=")[2].partition("&")[0]

    assert stranger.get(f"{BACK}?error=access_denied&state={state}").status_code == 403
    assert "did not let you in, or you cancelled there" in stranger.text
    stranger.get(f"{BACK}?error=access_denied&state={state}&error_description=<b>Call+555</b>")
    assert "Call 555" not in stranger.text
    assert "was begun in another browser" in stranger.text  # it counted once


@pytest.mark.parametrize("where", ["//evil.example", "https://evil.example", "/\\evil.example", "/sign-in/sso", "x"])
def test_it_leads_to_no_other_site(stranger, provider, ana, where):
    assert go(stranger, provider, where).headers["Location"] == "/"


DEEP = "[" * 100_000
BROKEN = {
    "500": ("oops", 500), "garbage": ("<html>", 200), "a list": ("[]", 200), "nothing": ("", 200), "null": ("null", 200),
    "deep": (DEEP, 200, {"Content-Type": "application/json"}), "large": ("{" + " " * 300_000 + "}", 200),
    "elsewhere": ("", 302, {"Location": "/userinfo"}), "not found": ("", 404), "empty": ("{}", 200),
}  # fmt: skip


@pytest.mark.parametrize("how", BROKEN)
@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/keys"])
def test_a_provider_that_answers_nonsense_costs_a_sentence(stranger, provider, ana, path, how):
    provider.broken[path] = BROKEN[how]
    stranger.get("/sign-in/sso")
    if stranger.page.status_code == 302:
        stranger.get(provider.come_back(stranger.page.headers["Location"]))

    assert stranger.page.status_code in (403, 503)
    assert "does not answer just now" in stranger.text or "did not work" in stranger.text
    assert stranger.sign_in().status_code == 303


@pytest.mark.parametrize("how", ["hang", "trickle"])
@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/keys"])
def test_of_a_provider_that_hangs_people_are_told_and_passwords_are_taken_meanwhile(
    dashboard, provider, ana, path, how
):
    provider.broken[path] = how
    waiting, statuses = [Browser(dashboard) for _ in range(5)], []

    def sign_in(browser):
        browser.get("/sign-in/sso")
        if browser.page.status_code == 302:
            browser.get(provider.come_back(browser.page.headers["Location"]))
        statuses.append((browser.page.status_code, "Acme ID does not answer just now" in browser.text))

    threads = [threading.Thread(target=sign_in, args=(browser,)) for browser in waiting]
    for thread in threads:
        thread.start()
    assert Browser(dashboard).sign_in().status_code == 303
    for thread in threads:
        thread.join()

    assert statuses == [(503, True)] * 5


def test_of_a_provider_that_is_away_people_are_told_and_later_it_works(db, desk_env, ana, provider):
    url, provider.url = provider.url, f"http://127.0.0.1:{free_port()}"
    browser = Browser(dashboard_of(settings.read(desk_env | {"OIDC_ISSUER": provider.url}), db))
    assert (browser.get("/sign-in/sso").status_code, "does not answer" in browser.text) == (503, True)

    provider.url = url
    assert go(Browser(dashboard_of(settings.read(desk_env), db)), provider).status_code == 303


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": "ftp://127.0.0.1/keys"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": None},
    ],
)
def test_nobody_is_sent_to_a_provider_that_calls_itself_another_or_speaks_plain_http(stranger, provider, metadata):
    provider.metadata = metadata

    assert (stranger.get("/sign-in/sso").status_code, "did not work" in stranger.text) == (403, True)


def test_an_address_that_stands_only_at_userinfo_counts_if_it_is_the_same_persons(dashboard, provider, ana):
    provider.claims, provider.metadata = {"email": None}, {"userinfo_endpoint": f"{provider.url}/userinfo"}
    statuses = []
    for info in ({"sub": "1"}, {"sub": "2"}, {"sub": "1", "email_verified": False}, {}):
        provider.userinfo = {"email": "ana@practice.es"} | info
        statuses.append(go(Browser(dashboard), provider).status_code)

    assert statuses == [303, 403, 403, 403]


def test_a_client_secret_is_sent_as_the_provider_takes_it_and_a_wrong_one_costs_a_sentence(db, desk_env, provider, ana):
    provider.client.method = "client_secret_post"
    assert go(Browser(dashboard_of(settings.read(desk_env), db)), provider).status_code == 303

    browser = Browser(dashboard_of(settings.read(desk_env | {"OIDC_CLIENT_SECRET": "wrong"}), db))
    assert (go(browser, provider).status_code, "did not work" in browser.text) == (403, True)


def test_a_role_that_goes_or_a_person_that_is_removed_ends_it_from_the_next_page_on(dashboard, provider, ana, db):
    first, second = Browser(dashboard), Browser(dashboard)
    for browser in (first, second):
        go(browser, provider)
    operations.set_role(db, ana.name, EVERYWHERE, "viewer")
    assert first.get("/problems").status_code == 200

    operations.set_role(db, ana.name, EVERYWHERE, "")
    assert first.get("/calls").status_code == 302
    assert (go(first, provider).status_code, "Nobody has given" in first.text) == (403, True)
    operations.set_role(db, ana.name, EVERYWHERE, "viewer")
    assert second.get("/calls").status_code == 200
    operations.remove_person(db, ana.name)
    operations.add_person(db, ana.name, None, "viewer", EVERYWHERE)
    assert second.get("/calls").status_code == 302


def test_a_role_at_one_business_is_one_there_alone(desk_env, provider, db):
    env = desk_env | {"SECRET_KEY": KEY}
    operations.add_source(db, operations.Routing(settings.read(env), {}, {}), "acme")
    operations.add_person(db, "ana@practice.es", None, "viewer", "acme")
    browser = Browser(dashboard_of(settings.read(env), db))

    browser.get("/b/acme/sign-in/sso?next=/b/acme/calls")
    browser.get(provider.come_back(browser.page.headers["Location"]))

    assert browser.page.headers["Location"] == "/b/acme/calls"
    assert [browser.get(path).status_code for path in ("/b/acme/calls", "/calls", "/b/bolt/calls")] == [200, 302, 404]


def test_an_owner_adds_somebody_for_single_sign_on_on_the_page_without_a_password(dashboard, browser, provider, db):
    browser.get("/people")
    assert "Or they come in with Acme ID" in browser.text
    browser.submit("/people", name="Ana", role="viewer")
    assert "has to be an e-mail address" in browser.text
    browser.submit("/people", name="x" * 41, password="a password of their own", role="viewer")
    assert [person.name for person in operations.people(db)] == []
    browser.submit("/people", name="ana@practice.es", role="viewer")
    browser.follow()

    assert "Comes in by single sign-on." in browser.text
    assert 'action="/people/password"' not in browser.page.text
    assert (
        browser.post("/people/password", person="ana@practice.es", password="a password of their own").status_code
        == 404
    )
    assert go(Browser(dashboard), provider).status_code == 303


def test_without_single_sign_on_nobody_is_added_without_a_password(db, desk_env):
    browser = Browser(dashboard_of(settings.read(desk_env | {"OIDC_ISSUER": ""}), db))
    browser.sign_in()
    browser.get("/people")
    browser.submit("/people", name="ana@practice.es", role="viewer", password="")

    assert ("a password of 12 characters" in browser.text, operations.people(db)) == (True, [])


def test_no_password_opens_what_is_for_single_sign_on(stranger, ana, db):
    stored = operations.person_named(db, ana.name).password

    assert [stranger.sign_in(ana.name, typed).status_code for typed in (PASSWORD, stored, stored[4:], "x")] == [403] * 4


def test_over_plain_http_from_elsewhere_it_is_not_offered(db, desk_env, provider):
    app = dashboard_of(settings.read(desk_env | {"HOST": "0.0.0.0"}), db)
    browser = Browser(app, base="http://192.168.1.4:8000", address="192.168.1.9")

    assert "Acme ID" not in browser.get("/sign-in").text
    assert browser.get("/sign-in/sso").status_code == 403
    assert provider.asked == []


def test_the_provider_is_told_the_address_as_the_proxy_has_it(db, desk_env, provider, ana):
    provider.client.redirect = f"https://calls.example.com{BACK}"
    app = dashboard_of(settings.read(desk_env | {"FORWARDED_HOPS": "1"}), db)
    browser = Browser(app, base="http://10.0.0.7:8000")
    proxied = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "calls.example.com", "X-Forwarded-For": "203.0.113.7"}
    browser.get("/sign-in/sso", **proxied)

    assert provider.come_back(browser.page.headers["Location"]).startswith(f"https://calls.example.com{BACK}?code=")
    assert "__Host-inboundflow-visitor" in browser.page.headers["Set-Cookie"]
    assert all(word in browser.page.headers["Set-Cookie"] for word in ("Secure", "HttpOnly", "SameSite=Lax"))


def test_what_was_written_by_somebody_signed_out_meanwhile_is_kept(dashboard, provider, ana, db):
    browser = Browser(dashboard)
    go(browser, provider)
    browser.follow()
    db.commit(lambda tx: tx.execute("DELETE FROM sessions"))
    browser.post("/callbacks", note="Left a message")
    go(browser, provider)
    browser.follow()

    assert "Save what you wrote?" in browser.text
    assert "Left a message" in browser.text


def test_a_provider_that_hangs_takes_no_more_than_half_of_the_threads_that_pages_are_made_in(
    app_env, desk_env, provider
):
    provider.broken["/.well-known/openid-configuration"] = "hang"
    app = create_app(settings.read(app_env | desk_env))
    waiting = [threading.Thread(target=app.test_client().get, args=("/sign-in/sso",)) for _ in range(6)]
    for thread in waiting:
        thread.start()
    until(lambda: provider.hanging, what="a sign-in at the provider")

    page = Browser(app).sign_in()
    for thread in waiting:
        thread.join()

    assert page.status_code == 303


@pytest.mark.parametrize(("more", "is_loaded"), [({}, True), ({"OIDC_CLIENT_SECRET": ""}, False)])
def test_authlib_is_loaded_only_where_it_is_used(desk_env, more, is_loaded):
    code = (
        "import sys; from receiver import settings, store; from receiver.dashboard import create_dashboard\n"
        "found = settings.read(dict(__import__('os').environ))\n"
        "create_dashboard(found, store.connect(found)); print('authlib' in sys.modules, 'requests' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], env=desk_env | more, capture_output=True, text=True, check=True)

    assert ran.stdout.split() == [str(is_loaded)] * 2
