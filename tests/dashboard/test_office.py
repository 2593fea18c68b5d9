"""The pages for whoever runs the receiver: connection, first run, settings, history, all deliveries."""

import random
import re
import time

import pytest

from mock_sender.payloads import sample
from mock_sender.sign import sign
from receiver import errors, settings
from receiver.dashboard.pages.connection import MISTAKES, mistake_text
from receiver.dashboard.texts import LANGUAGES, all_texts
from receiver.events import Delivery
from receiver.inbox import Answer, Inbox, Rejections
from receiver.operations import Mistake
from receiver.operations.variables import OWN, masked
from receiver.operations.variables import SECRET as KIND
from receiver.verify.explaining import TEXTS as EXPLAINED
from tests.support.browsing import Browser, dashboard_of, flask_app
from tests.support.deliveries import a_delivery
from tests.support.processes import CHECKOUT

PAGES = ["/connection", "/connect", "/settings", "/history", "/deliveries", "/erase"]
SECRET = "the-signing-secret-of-this-test"
HOSTILE = "<script>alert(1)</script>\u202e"


@pytest.fixture
def desk_env(desk_env):
    return desk_env | {"INBOUNDFLOW_SIGNING_SECRET": SECRET}


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("path", PAGES)
def test_each_page_is_drawn_with_an_empty_inbox_and_only_for_who_is_signed_in(browser, stranger, path, lang):
    browser.get(f"{path}?lang={lang}")
    assert browser.follow().status_code == 200
    assert f'<html lang="{lang}">' in browser.page.text
    assert stranger.get(path).status_code == 302


@pytest.mark.parametrize("path", PAGES)
def test_what_a_caller_sent_is_text(db, browser, path):
    delivery = Delivery(key=HOSTILE, event=HOSTILE, call_id=HOSTILE, body=b"{}", received_us=db.now_us())
    Inbox(db).keep(delivery)
    browser.get(path)

    assert browser.page.status_code == 200
    assert "<script>alert" not in browser.page.text
    assert "\u202e" not in browser.page.text


def refuse(db, number, secret="another secret, of yesterday"):
    """InboundFlow's requests, refused: counted, lives lost, kept aside."""
    rejections = Rejections(db)
    for n in range(number):
        body = sample(random.Random(n), "call.completed").body
        now = int(time.time())
        headers = {
            "User-Agent": "InboundFlow-Webhook/1.0",
            "X-InboundFlow-Event": "call.completed",
            "X-InboundFlow-Delivery-Id": f"refused-{n}",
            "X-InboundFlow-Timestamp": str(now),
            "X-InboundFlow-Signature": sign(secret, now, body),
        }
        rejections.count("signature-mismatch", headers, source="")
        rejections.note(Answer(reason="signature-mismatch", headers=headers, body=body))
    rejections.flush(5)


def test_lost_lives_are_shown_with_their_reason(db, browser):
    refuse(db, 4)
    browser.get("/connection")

    assert "4 of 10 lives lost" in browser.text
    assert "Signed with another signing secret" in browser.text
    assert "4 reports that were turned away are kept for a week" in browser.text


def test_a_wrong_secret_is_told_with_what_to_do_and_no_page_links_to_itself_for_that(db, browser, tmp_path):
    refuse(db, 4)

    browser.get("/calls")
    assert '<a href="/connection">See what to do</a>' in browser.page.text
    browser.get("/connection")
    assert "Connect InboundFlow says where the signing secret of this receiver stands" in browser.text
    assert 'href="/connect"' in browser.page.text.partition('id="lives"')[2].partition("</section>")[0]
    assert "See what to do" not in browser.text

    browser.get("/problems")
    assert "4 of 10 lives lost. After ten InboundFlow stops reporting calls." in browser.text
    assert "4 × Signed with another" in browser.text
    assert "See what to do" not in browser.text
    assert "No problems." not in browser.text

    (tmp_path / "signing_secret").write_text(SECRET)
    browser.get("/connection")
    assert "press “Show it once”, and put that one into InboundFlow" in browser.text


@pytest.mark.parametrize(
    ("base", "words"),
    [
        ("http://localhost", "A report of a call arrived here just now, perhaps a test of your own."),
        ("https://calls.example", "InboundFlow reaches us. Its last report of a call came just now."),
    ],
)
def test_at_an_address_of_this_machine_alone_nothing_is_said_of_inboundflow_reaching_us(db, desk_env, base, words):
    Inbox(db).keep(a_delivery(key="u", received_us=db.now_us()))
    browser = Browser(dashboard_of(settings.read(desk_env | {"HOST": "0.0.0.0"}), db), base)
    browser.sign_in("Ana")
    browser.get("/connection")

    assert words in browser.text

    browser.get("/connect")
    assert ("It works: a report came" in browser.text) == (base != "http://localhost")


def test_what_was_refused_is_taken_in_after_a_look_at_it(db, desk_env):
    refuse(db, 3)
    right = Browser(
        dashboard_of(settings.read(desk_env | {"INBOUNDFLOW_SIGNING_SECRET": "another secret, of yesterday"}), db)
    )
    right.sign_in("Ana")

    right.get("/connection/recheck")
    assert "3 call reports are real" in right.text
    assert db.read("SELECT count(*) AS n FROM deliveries")[0]["n"] == 0
    right.post("/connection/recheck")
    right.follow()

    assert "3 call reports were taken in" in right.text
    assert db.read("SELECT count(*) AS n FROM deliveries")[0]["n"] == 3
    [row] = db.read("SELECT who, detail FROM audit WHERE action = 'recheck'")
    assert row["who"] == "Ana"


def test_the_first_run_turns_green_and_names_a_wrong_secret(db, browser):
    browser.get("/live/connect")
    assert "Waiting for the test" in browser.text

    refuse(db, 1)
    browser.get("/live/connect")
    assert "was refused" in browser.text
    assert "Waiting" not in browser.text

    Inbox(db).keep(a_delivery(key="t", received_us=db.now_us() + 61_000_000))  # by a clock that was ahead
    Inbox(db).keep(a_delivery(key="u", received_us=db.now_us()))
    browser.get("/live/connect")
    assert "A report arrived here just now (Call ended), perhaps a test of your own" in browser.text


def test_a_secret_that_was_set_by_hand_is_never_shown_and_one_that_was_made_here_is_once(
    db, browser, desk_env, tmp_path
):
    browser.get("/connect")
    assert SECRET not in browser.page.text
    browser.post("/connect/secret")
    assert SECRET not in browser.page.text

    (tmp_path / "signing_secret").write_text(SECRET)
    browser.get("/connect")
    assert SECRET not in browser.page.text
    browser.post("/connect/secret")
    assert SECRET in browser.page.text
    assert [row["who"] for row in db.read("SELECT who FROM audit WHERE action = 'show-secret'")] == ["Ana"]


def test_the_connection_leads_to_what_to_do_when_the_webhook_was_disabled_and_to_the_destinations(browser):
    browser.get("/connection")
    assert 'href="/help#off"' in browser.page.text
    assert 'href="/destinations"' in browser.page.text.partition('id="reached"')[2]
    browser.get("/help")
    assert 'id="off"' in browser.page.text
    assert browser.page.text.count('href="/help"') >= 2  # in the menu too


def test_settings_show_no_secret(browser, monkeypatch):
    for name, value in {
        "SLACK_BOT_TOKEN": "xoxb-" + "1" * 30 + "Qx1z",
        "SLACK_CHANNEL": "C123",
        "DATABASE_URL": "postgres://user:hunter2@db.example:5432/inbox",
        "EMAIL_TO": "front.desk@example.com",
        "DASHBOARD_PASSWORD": "short one",
    }.items():
        monkeypatch.setenv(name, value)
    browser.get("/settings")

    for secret in ("xoxb", "hunter2", "front.desk", "short one"):
        assert secret not in browser.page.text
    for shown in ("Qx1z", "C123", "db.example", "f•••@example.com"):
        assert shown in browser.page.text


def test_every_variable_that_the_receiver_reads_is_listed():
    text = (CHECKOUT / "receiver" / "settings.py").read_text()
    read_there = set(re.findall(r'env, "([A-Z_]+)"', text))

    assert set(OWN) >= read_there


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("ZAPIER_WEBHOOK_URL", "https://hooks.zapier.com/hooks/catch/1/abcdef", "… cdef"),
        ("SLACK_BOT_TOKEN", "short", "…"),
        ("REDIS_URL", "redis://:pw@h:6379/0", "redis://h:6379/…"),
        ("REDIS_URL", "redis://[bad", "…"),
        ("SLACK_CHANNEL", "C1", "C1"),
    ],
)
def test_of_a_value_no_more_is_shown_than_tells_it_apart(name, value, shown):
    assert masked(name, value, secret=bool(KIND.search(name))) == shown


def test_each_setting_of_the_receiver_is_named_in_plain_words():
    assert [name for name in OWN if f"setting_{name}" not in all_texts()] == []


def test_history_says_who_did_what_and_can_be_saved(db, browser, monkeypatch):
    pause_something(db)
    browser.get("/history")
    assert "Signed in" in browser.text
    assert "Paused" in browser.text

    browser.get("/history?action=pause")
    assert "Signed in" not in browser.page.text.partition("<tbody>")[2]
    table = browser.get("/history/history.csv").text
    assert table.splitlines()[0] == "time,who,what,detail,address,session"
    assert "'=1+1" in table


def test_the_details_of_history_are_words(db, browser):
    detail = '{"handler": "slack.post", "targets": [""], "reason": "we are moving"}'
    db.commit(lambda tx: tx.execute(
        "INSERT INTO audit (source, at_us, action, detail, who) VALUES ('', ?, 'pause', ?, 'Ana')", (db.now_us(), detail)
    ))  # fmt: skip
    browser.get("/history?lang=es")
    browser.follow()

    assert "Pausó destino: Slack · por qué: we are moving" in browser.text
    assert "con: contraseña" in browser.text


DETAILS = [
    # what is written down, and how an owner reads it
    ('{"keys": ["k-1", "k-2"], "runs": 1, "erased": true}', "avisos: 2 · envíos: 1 · sus palabras se borraron con una persona"),
    ('{"by": ["phone", "email"], "deliveries": 2, "deleted": 1}', "con: el número, el correo · avisos: 2 · borrados en destinos: 1"),
    ('{"state": "dead", "event": "lead.created", "again": true, "job": 3}',
     "resultado: no llegaron · qué pasó: Nuevo interesado · también lo que había llegado · tarea: 3"),
    ('{"person": "Eve", "role": "viewer"}', "persona: Eve · puede: ver llamadas, con parte del número"),
    ('{"overlap_s": 5, "call": "c-1"}', "llamada: c-1"),
]  # fmt: skip


@pytest.mark.parametrize(("detail", "said"), DETAILS)
def test_each_detail_of_history_is_in_plain_words_or_only_in_the_table_to_save(db, browser, detail, said):
    db.commit(lambda tx: tx.execute(
        "INSERT INTO audit (source, at_us, action, detail, who) VALUES ('', ?, 'cancel', ?, 'Ana')", (db.now_us(), detail)
    ))  # fmt: skip
    browser.get("/history?lang=es")
    browser.follow()

    assert f"Marcó como no necesario {said}" in browser.text


def test_each_deed_that_is_written_down_has_its_words():
    noted = re.compile(r'(?:note|note_look)\([^()]*(?:\(\)[^()]*)?"([a-z-]+)", [{d]|"(source-[a-z]+|sign-[a-z-]+)"')
    code = "".join(path.read_text() for path in (CHECKOUT / "receiver").glob("*/**/*.py"))
    deeds = {name for pair in noted.findall(code) for name in pair if name} - {"source-disabled"}  # an answer's

    assert len(deeds) > 15
    assert [deed for deed in sorted(deeds) if f"deed_{deed}" not in all_texts()] == []


def pause_something(db):
    db.commit(lambda tx: tx.execute(
        "INSERT INTO audit (source, at_us, action, detail, who) VALUES ('', ?, 'pause', '{}', '=1+1')", (db.now_us(),)
    ))  # fmt: skip


def test_history_goes_on_page_after_page(db, browser):
    db.commit(lambda tx: tx.executemany(
        "INSERT INTO audit (source, at_us, action, detail, who) VALUES ('', ?, 'replay', '{}', ?)",
        [(n, f"person {n}") for n in range(120)],
    ))  # fmt: skip
    seen, where = [], "/history?action=replay"
    for _ in range(9):
        page = browser.get(where).text
        seen += [int(n) for n in re.findall(r"<bdi>person (\d+)</bdi></td>", page)]
        if not (older := re.search(r'class="button plain" href="(/history\?[^"]*before=[^"]*)"', page)):
            break
        where = older[1].replace("&amp;", "&")
    assert seen == list(range(119, -1, -1))


def test_deliveries_are_found_by_the_beginning_of_an_id_and_by_state(story, browser):
    story.keep("abc-1")
    story.keep("xyz-2")

    browser.get("/deliveries?id=abc")
    assert "abc-1" in browser.page.text
    assert "xyz-2" not in browser.page.text
    browser.get("/deliveries?id=nothing-such")
    assert browser.page.status_code == 200
    assert 'role="alert"' in browser.page.text
    browser.get("/deliveries?state=dead&day=2026-01-01&event=call.completed&before=nonsense")
    assert browser.page.status_code == 200


@pytest.mark.parametrize(
    "query", ["day=x", "before=-1", "before=99999999999999999999", "state=<b>", "id=%00", "handler=%ff"]
)
@pytest.mark.parametrize("path", ["/deliveries", "/history"])
def test_nothing_in_an_address_makes_a_page_fail(browser, path, query):
    assert browser.get(f"{path}?{query}").status_code < 500


def reasons():
    kinds = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.NotAccepted)]
    return {each.reason for each in kinds} - {"rejected"}


def test_each_reason_for_turning_a_report_away_has_its_sentence():
    assert {f"reason_{slug}" for slug in reasons()} <= all_texts().keys()


@pytest.mark.parametrize("slug", EXPLAINED)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_mistake_has_a_sentence_without_names_of_variables(dashboard, slug, lang):
    from flask import g

    with flask_app(dashboard).test_request_context():
        g.lang = lang
        text = mistake_text(Mistake(slug, seconds=700))

    assert not re.search(r"[A-Z]{2,}_|`|sha256|base64", text)
    assert MISTAKES.keys() <= EXPLAINED.keys()


def test_destinations_are_called_in_the_language_of_the_page(browser):
    browser.get("/deliveries?lang=es")
    browser.follow()

    for name in ("El registro", "Correo", "Tu URL"):
        assert f">{name}</option>" in browser.page.text
