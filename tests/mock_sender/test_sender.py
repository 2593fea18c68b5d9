import random
import time

import pytest

from mock_sender import payloads
from mock_sender.sender import UnusableURL, deliver
from mock_sender.sign import sign
from tests.support.sender import a_receiver, say


def drip(handler):
    """Bytes often enough to keep every single read alive, for ever."""
    for byte in b"HTTP/1.1 200 OK\r\nX-Long: " + b"." * 1000:
        try:
            handler.wfile.write(bytes([byte]))
        except OSError:
            return
        time.sleep(0.05)


def a_payload():
    return payloads.sample(random.Random(1), "lead.created")


def test_a_delivery_has_every_documented_header_and_its_body_unchanged():
    payload = a_payload()

    with a_receiver(say(200)) as receiver:
        deliver(receiver.url, payload, secret="s3cret", timestamp=1709064000)

    [(headers, body)] = receiver.seen
    documented = {
        name: value for name, value in headers.items() if name.startswith("X-Inbound") or name == "User-Agent"
    }
    assert body == payload.body
    assert headers["Content-Type"] == "application/json"
    assert documented == {
        "User-Agent": "InboundFlow-Webhook/1.0",
        "X-InboundFlow-Event": "lead.created",
        "X-InboundFlow-Delivery-Id": payload.delivery_id,
        "X-InboundFlow-Timestamp": "1709064000",
        "X-InboundFlow-Signature": sign("s3cret", 1709064000, payload.body),
    }


def test_without_a_secret_there_is_no_signature():
    with a_receiver(say(200)) as receiver:
        deliver(receiver.url, a_payload(), secret=None)

    assert "X-InboundFlow-Signature" not in receiver.seen[0][0]


FAILURES = [
    # the receiver                                                      in words
    (say(200),                                                          ""),
    (say(204),                                                          ""),
    (say(301, Location="http://127.0.0.1:1/"),                          "301: a redirect to http://127.0.0.1:1/ is not followed, give that address instead"),
    (say(401, b'{"reason": "timestamp-too-old", "detail": "Look at the clock."}'), "401 timestamp-too-old: Look at the clock."),
    (say(404),                                                          "404 (is the path right? ours is /webhooks/inboundflow)"),
    (say(500, b"<html>"),                                               "500"),
    (lambda handler: handler.connection.close(),                        "the connection was closed without an answer"),
    (drip,                                                              "no answer in 0.5 s"),
    (lambda handler: time.sleep(1),                                     "no answer in 0.5 s"),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "failure"), FAILURES)
def test_anything_but_2xx_in_time_is_a_failure_in_words(answer, failure):
    with a_receiver(answer) as receiver:
        told = deliver(receiver.url, a_payload(), secret="s", timeout_s=0.5)

    assert (told.failure, len(receiver.seen)) == (failure, 1)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://127.0.0.1/",
        "example.com",
        "http://10.0.0.1/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:0/",
        "https://[::1/",
        f"https://{'long' * 20}.example/",
        "http://127.0.0.1/a path",
    ],
)
def test_nothing_is_sent_to_where_inboundflow_would_not(url):
    with pytest.raises(UnusableURL):
        deliver(url, a_payload(), secret="s")
