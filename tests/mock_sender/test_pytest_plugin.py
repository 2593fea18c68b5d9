"""The fixtures that a partner's tests get: what became of a delivery, and apps of both kinds served."""

import hashlib
import hmac

import flask
import pytest
from fastapi import FastAPI, Request, Response

from mock_sender.pytest_plugin import is_asgi
from mock_sender.trouble import Draft

SECRET = "whsec_of-this-test"


def is_signed(headers, body):
    message = f"{headers['X-InboundFlow-Timestamp']}.".encode() + body
    signature = "sha256=" + hmac.new(SECRET.encode(), message, hashlib.sha256).hexdigest()
    return hmac.compare_digest(signature, headers["X-InboundFlow-Signature"])


def wsgi():
    app = flask.Flask("receiver")

    @app.post("/webhook")
    def webhook():
        request = flask.request
        return ("thanks", 202) if is_signed(request.headers, request.get_data()) else ("bad signature", 401)

    return app


def asgi():
    app = FastAPI()
    app.state.started = False
    app.router.on_startup.append(lambda: setattr(app.state, "started", True))

    @app.post("/webhook")
    async def webhook(request: Request):
        is_ours = app.state.started and is_signed(request.headers, await request.body())
        return Response("thanks", 202) if is_ours else Response("bad signature", 401)

    return app


@pytest.mark.parametrize("make", [wsgi, asgi])
def test_an_app_is_served_and_a_delivery_says_whether_and_how_it_was_answered(
    mock_inboundflow, simulated_call, serve_app, make
):
    connection = mock_inboundflow.connect(serve_app(make()) + "/webhook", secret=SECRET)

    [taken] = mock_inboundflow.report(simulated_call[0])
    mock_inboundflow.edit(connection.id, secret="another")
    [refused] = mock_inboundflow.report(simulated_call[1])

    assert (taken.acknowledged, taken.answer.status, taken.answer.body) == (True, 202, "thanks")
    assert (refused.acknowledged, refused.answer.failure, refused.answer.body) == (False, "401", "bad signature")
    assert [each.answer.status for each in mock_inboundflow.deliveries()] == [401, 202]


def test_a_delivery_without_an_attempt_has_no_answer(mock_inboundflow, simulated_call):
    connection = mock_inboundflow.connect("http://127.0.0.1:1/", secret=SECRET)

    delivery = mock_inboundflow.delivery(mock_inboundflow.plan(connection.id, simulated_call[0]))

    assert (delivery.acknowledged, delivery.answer) == (False, None)


def test_an_app_is_told_by_how_it_is_called():
    async def app(scope, receive, send): ...

    assert [is_asgi(each) for each in (app, FastAPI(), flask.Flask("x"), lambda environ, start: [])] == [
        True, True, False, False,
    ]  # fmt: skip


def test_no_repr_holds_a_secret(mock_inboundflow, simulated_call):
    connection = mock_inboundflow.connect("http://127.0.0.1:1/", secret=SECRET)
    draft = Draft(url="http://127.0.0.1:1/", payload=simulated_call[0], secret=SECRET, previous_secret=SECRET)

    assert [SECRET in repr(each) for each in (connection, draft, mock_inboundflow.connections())] == [False] * 3
