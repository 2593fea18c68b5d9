import time
from types import SimpleNamespace

from flask import Request
from werkzeug.test import EnvironBuilder

from receiver.web.body import LEAST_COMMIT_S, REQUEST_S, remaining_s
from tests.web.test_webhooks import a_body, post


def test_a_body_over_the_limit_is_413_and_one_at_the_limit_is_stored(client):
    limit = 1024 * 1024
    at_limit = a_body() + b" " * (limit - len(a_body()))

    assert post(client, at_limit).json == {"status": "stored"}
    answer = post(client, at_limit + b" ")

    assert (answer.status_code, answer.json["reason"]) == (413, "body-too-large")


def begun(ago_s):
    client = SimpleNamespace(began=time.monotonic() - ago_s)
    return Request(EnvironBuilder(environ_overrides={"gunicorn.socket": client}).get_environ())


def test_a_commit_gets_what_is_left_of_a_requests_time_and_never_nothing():
    assert REQUEST_S - 3.5 < remaining_s(begun(3)) <= REQUEST_S - 3
    assert remaining_s(begun(60)) == LEAST_COMMIT_S
