import pytest
from flask import Flask

from receiver import settings
from receiver.app.build import create_app
from receiver.settings import Secrets
from receiver.telemetry.page import FORWARDED, NOTHING, metrics_routes
from tests.support.metrics import of, parsed
from tests.web.test_webhooks import a_body, post

TOKEN = "a-token-of-ours"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
READERS = [
    # the peer             headers                                     with a token   may read
    ("127.0.0.1",          {},                                         "",            True),
    ("127.8.0.1",          {},                                         TOKEN,         True),
    ("::1",                {},                                         "",            True),
    ("::ffff:127.0.0.1",   {},                                         "",            True),
    ("::ffff:203.0.113.9", {},                                         "",            False),
    ("203.0.113.9",        {},                                         "",            False),
    ("10.0.0.3",           {},                                         "",            False),
    ("203.0.113.9",        BEARER,                                     TOKEN,         True),
    ("203.0.113.9",        {"Authorization": f"bearer  {TOKEN}"},      TOKEN,         True),
    ("203.0.113.9",        BEARER,                                     "",            False),
    ("203.0.113.9",        {"Authorization": f"Bearer {TOKEN}x"},      TOKEN,         False),
    ("203.0.113.9",        {"Authorization": "Bearer "},               "",            False),
    ("203.0.113.9",        {"Authorization": f"Basic {TOKEN}"},        TOKEN,         False),
    ("203.0.113.9",        {"Authorization": "Bearer é\ud800".encode("utf-8", "replace").decode()}, TOKEN, False),
    ("203.0.113.9",        {"X-Forwarded-For": "127.0.0.1"},           "",            False),
    ("127.0.0.1",          BEARER | {"X-Forwarded-For": "203.0.113.9"}, TOKEN,        True),
    ("",                   {},                                         "",            False),
    ("unix:",              {},                                         "",            False),
]  # fmt: skip


def app(token="", page=b"page"):
    app = Flask("test")
    app.register_blueprint(metrics_routes(lambda: page, Secrets((token.encode(),) if token else ())))
    return app.test_client()


@pytest.mark.parametrize(("peer", "headers", "token", "may"), READERS)
def test_who_may_read_it(peer, headers, token, may):
    answer = app(token).get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": peer})

    assert answer.status_code == (200 if may else 404)


@pytest.mark.parametrize("header", FORWARDED)
def test_a_proxy_on_this_machine_opens_it_to_nobody(header):
    assert app().get("/metrics", headers={header: "127.0.0.1"}).status_code == 404


def test_to_others_it_is_not_there(app_env):
    client = create_app(settings.read(app_env)).test_client()
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}

    answers = [client.get(path, environ_base=elsewhere) for path in ("/metrics", "/nowhere")]

    assert [(answer.status_code, answer.json) for answer in answers] == [(404, answers[1].json)] * 2


def test_a_page_that_could_not_be_made_in_time_says_that_the_database_is_away():
    answer = app(page=None).get("/metrics")

    assert (answer.status_code, parsed(answer.data)) == (200, {("inboundflow_database_up",): 0})
    assert answer.data == NOTHING


def test_the_token_is_in_no_repr():
    found = settings.read({"METRICS_TOKEN": TOKEN})

    assert (found.metrics_token.values, TOKEN in repr(found)) == ((TOKEN.encode(),), False)


def test_what_a_stranger_sends_becomes_few_series_and_nothing_of_it_is_shown(app_env):
    """Events and organisations of a sender who is genuine and hostile, and junk of one who is not."""
    client = create_app(settings.read(app_env)).test_client()
    phone = "+34600111222"
    for n in range(30):
        post(client, a_body(f"{phone}-{n}", event=f'{phone} {n}\n"}}', caller_phone=phone))
        client.post(f"/webhooks/inboundflow/{phone}{n}", data=phone)
        client.post("/webhooks/inboundflow", data=phone, headers={"X-InboundFlow-Event": f"{phone}{n}"})

    text = client.get("/metrics").text

    samples = parsed(text)
    assert of(samples, "inboundflow_deliveries_total", "event", "answer") == {("other", "stored"): 30}
    assert of(samples, "inboundflow_rejections_total", "reason") == {("signature-missing",): 30}
    assert of(samples, "inboundflow_acknowledgement_seconds_count", "answer") == {("stored",): 30, ("rejected",): 30}
    assert phone not in text
