"""The API beside the route: off without a token, and no wait of the loop."""

import pytest

from receiver import settings, store
from receiver.app.build import create_app
from receiver.operations import add_token, remove_token, tokens
from tests.support.processes import until
from tests.web.test_blocking import watched

MARKED = {
    "User-Agent": "InboundFlow-Webhook/1.0",
    "X-InboundFlow-Event": "call.completed",
    "X-InboundFlow-Delivery-Id": "d-1",
    "X-InboundFlow-Timestamp": "1800000000",
}


@pytest.fixture
def app(app_env):
    return create_app(settings.read(app_env))


@pytest.fixture
def db(app, app_env):
    db = store.connect(settings.read(app_env))
    yield db
    db.close()


@pytest.fixture
def headers(app, db):
    """Of a program with a token, once it is known."""
    headers = {"Authorization": f"Bearer {add_token(db, 'ours')}"}
    until(lambda: app.test_client().get("/api/deliveries", headers=headers).status_code == 200, what="the token")
    return headers


def test_without_a_token_there_is_no_api(app, db, headers):
    client = app.test_client()
    remove_token(db, tokens(db)[0].id)
    until(lambda: client.get("/api/openapi.json").status_code == 404, what="the end of the API")

    assert client.get("/api/deliveries", headers=headers).data == client.get("/nowhere").data


def test_what_inboundflow_sends_is_the_core_s_wherever_it_is_sent(app, headers):
    client = app.test_client()

    refused = client.post("/api/deliveries", data=b"{}", headers=MARKED)

    assert (refused.status_code, refused.json["status"]) == (404, "rejected")
    assert client.post("/api/deliveries").mimetype == "application/problem+json"
    assert client.get("/apis").json["status"] == "rejected"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/deliveries", 200),
        ("/api/deliveries/x", 404),
        ("/api/deliveries?limit=x", 400),
        ("/api/openapi.json", 200),
    ],
)
def test_no_request_blocks_the_loop(app, headers, path, status):
    client = app.test_client()
    client.get(path, headers=headers)  # what is imported or opened once

    with watched() as found:
        answer = client.get(path, headers=headers)

    assert (answer.status_code, found) == (status, [])
