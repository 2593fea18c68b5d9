import time
from types import SimpleNamespace

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from receiver.web.body import LEAST_COMMIT_S, REQUEST_S, remaining_s
from tests.support import web
from tests.support.web import a_request, chunk, talk
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


@pytest.mark.timed
def test_a_body_in_chunks_is_stored(port):
    body = web.a_body("d-1")

    answer = talk(port, a_request(body, chunked=True), chunk(body[:10]), chunk(body[10:]), b"0\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 200")
    assert b'"stored"' in answer


@pytest.mark.timed
def test_a_chunked_body_is_refused_once_it_passes_the_limit_however_long_it_would_be(port):
    pieces = [chunk(b"x" * 65536)] * 17

    answer = talk(port, a_request(b"", chunked=True), *pieces)

    assert answer.startswith(b"HTTP/1.1 413")
    assert b"body-too-large" in answer


@pytest.mark.timed
def test_a_body_that_comes_too_slowly_is_408_and_the_connection_is_closed(port):
    body = web.a_body("d-1")

    began = time.monotonic()
    answer = talk(port, a_request(body), *[body[i : i + 1] for i in range(12)], pause_s=0.5)

    assert answer.startswith(b"HTTP/1.1 408")
    assert b"body-too-slow" in answer
    assert time.monotonic() - began < 8
