import asyncio

import pytest

from mock_sender.answers import ANSWER_BYTES, Answer, Parser, judged

REFUSALS = [
    # status  headers                          body                                                    the failure
    (200, (),                                  "",                                                     ""),
    (204, (),                                  "not JSON",                                             ""),
    (401, (),                                  '{"reason": "signature-mismatch", "detail": "No."}',    "401 signature-mismatch: No."),
    (401, (),                                  '{"reason": "signature-mismatch"}',                     "401"),
    (302, (("Location", "https://a.example"),), "",                                                    "302: a redirect to https://a.example is not followed, give that address instead"),
    (302, (),                                  "",                                                     "302: a redirect to somewhere else is not followed, give that address instead"),
    (404, (),                                  "",                                                     "404 (is the path right? ours is /webhooks/inboundflow)"),
    (503, (),                                  "[1]",                                                  "503"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "headers", "body", "failure"), REFUSALS)
def test_an_answer_that_is_not_2xx_is_a_failure_in_words(status, headers, body, failure):
    assert judged(status, headers, body.encode(), 0.1).failure == failure


@pytest.mark.parametrize(("body", "said"), [('{"status": "stored"}', "stored"), ("{}", ""), ("[]", ""), ("ok", "")])
def test_what_a_receiver_says_is_the_status_of_its_json(body, said):
    assert Answer(status=200, body=body).said == said


def test_answers_are_read_one_after_the_other_and_an_endless_one_no_further_than_the_limit():
    async def read():
        reader = asyncio.StreamReader()
        reader.feed_data(
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 503 Busy\r\n\r\n" + b"x" * 2 * ANSWER_BYTES
        )
        parser = Parser(reader)
        return [await parser.answer(), await parser.answer()]

    first, second = asyncio.run(read())

    assert first == (200, (("content-length", "2"),), b"ok")
    assert (second[0], len(second[2])) == (503, ANSWER_BYTES)
