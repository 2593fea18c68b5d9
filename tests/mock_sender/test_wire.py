"""What is sent, byte for byte, and what is made of whatever comes back."""

import asyncio
import socket
import threading
import time
from contextlib import contextmanager, suppress

import pytest

from mock_sender.wire import Request, on_one_connection, send, writing

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
HEADERS = (("X-One", "1"), ("x-TWO", "zwei"))


@contextmanager
def a_listener(*answers, reads=1):
    """One connection: reads what comes, answers as told, and keeps every byte. An answer may be a function of it."""
    seen = bytearray()

    def serve():
        with listening, listening.accept()[0] as connection:
            connection.settimeout(3)
            for answer in answers or (b"",):
                for _ in range(reads):
                    seen.extend(connection.recv(1 << 20))
                connection.sendall(answer) if isinstance(answer, bytes) else answer(connection)
            while piece := connection.recv(1 << 20):
                seen.extend(piece)

    def quietly():
        with suppress(OSError):
            serve()

    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=quietly)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}", seen
    thread.join()


def drip(connection):
    for byte in b"HTTP/1.1 200 OK\r\nX-Long: " + b"." * 60:
        connection.sendall(bytes([byte]))
        time.sleep(0.02)


def test_what_is_sent_is_exactly_what_was_asked_for():
    with a_listener(OK) as (url, seen):
        answer = send(Request(url=f"{url}/a?b=c", headers=HEADERS, body="ñ".encode()))

    host = url.removeprefix("http://")
    assert seen == (
        f"POST /a?b=c HTTP/1.1\r\nHost: {host}\r\nX-One: 1\r\nx-TWO: zwei\r\nContent-Length: 2\r\n\r\nñ".encode()
    )
    assert (answer.status, answer.body, answer.failure) == (200, "ok", "")


def test_a_chunked_body_is_framed_as_http_says():
    request = Request(url="http://127.0.0.1/", headers=(), body=b"0123456789abcdef!", chunk_bytes=16)

    assert request.raw().endswith(b"Transfer-Encoding: chunked\r\n\r\n10\r\n0123456789abcdef\r\n1\r\n!\r\n0\r\n\r\n")


@pytest.mark.parametrize("at", [1, 40, -1])
def test_a_connection_is_cut_at_the_very_byte(at):
    whole = Request(url="http://127.0.0.1/", headers=HEADERS, body=b"body").raw()
    with a_listener() as (url, seen):
        request = Request(url=url, headers=HEADERS, body=b"body")
        cut_at = len(request.raw()) + at if at < 0 else at
        answer = send(Request(**vars(request) | {"cut_at": cut_at}))

    assert len(whole) > 40
    assert (bytes(seen), answer.status) == (request.raw()[:cut_at], None)
    assert "on purpose" in answer.failure


def test_a_body_may_come_in_pieces():
    with a_listener(OK, reads=5) as (url, seen):
        answer = send(Request(url=url, headers=(), body=b"abcd", piece_bytes=1, pause_s=0.03))

    assert (answer.status, seen[-4:]) == (200, b"abcd")
    assert answer.latency_s > 0.1


BAD_ANSWERS = [
    # what comes back                                            in words
    (b"",                                                        "no answer in 0.4 s"),
    (drip,                                                       "no answer in 0.4 s"),
    (lambda connection: time.sleep(0.6),                         "no answer in 0.4 s"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok",          "no answer in 0.4 s"),
    (lambda connection: connection.shutdown(socket.SHUT_RDWR),   "the connection was closed without an answer"),
    (b"SSH-2.0-OpenSSH_9.2\r\n\r\n",                                 "what came back is not HTTP"),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "words"), BAD_ANSWERS)
def test_what_is_no_answer_in_time_is_a_failure_in_words(answer, words):
    with a_listener(answer) as (url, _):
        told = send(Request(url=url, headers=()), timeout_s=0.4)

    assert words in told.failure
    assert told.timed_out == (words == "no answer in 0.4 s")


def test_half_an_answer_and_then_the_end_is_a_failure():
    def half(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok")
        connection.shutdown(socket.SHUT_RDWR)

    with a_listener(half) as (url, _):
        assert send(Request(url=url, headers=())).failure != ""


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:1/", "nothing listens there"),
        ("https://no-such-host.invalid/", "the name is not known"),
    ],
)
def test_where_nobody_is_that_is_said(url, words):
    assert words in send(Request(url=url, headers=())).failure


def test_an_answer_that_comes_before_all_is_sent_counts():
    with a_listener(b"HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n") as (url, _):
        answer = send(Request(url=url, headers=(), body=b"x" * 1000, piece_bytes=1, pause_s=0.01))

    assert (answer.status, answer.latency_s < 5) == (413, True)


def test_an_endless_answer_is_read_no_further_than_anybody_needs():
    endless = b"HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n" + b"x" * 200_000

    with a_listener(endless) as (url, _):
        answer = send(Request(url=url, headers=()))

    assert (answer.status, len(answer.body)) == (200, 64 * 1024)


@pytest.mark.parametrize("pipelined", [False, True])
def test_several_go_over_one_connection(pipelined):
    second = OK.replace(b"200 OK", b"503 No")
    answers = (OK + second,) if pipelined else (OK, second)

    with a_listener(*answers) as (url, seen):
        requests = [Request(url=url, headers=(), body=body) for body in (b"one", b"two")]
        found = asyncio.run(on_one_connection(requests, 3, pipelined=pipelined))

    assert [(one.status, one.failure) for one in found] == [(200, ""), (503, "503")]
    assert bytes(seen) == b"".join(one.raw() for one in requests)


class Writer:
    """Of a connection: what each write was."""

    def __init__(self):
        self.written = []

    def write(self, piece):
        self.written.append(piece)

    async def drain(self):
        await asyncio.sleep(0)


@pytest.mark.parametrize(("pace", "writes"), [({}, 1), ({"pause_s": 0.001}, 2), ({"piece_bytes": 2}, 6)])
def test_several_that_are_written_at_once_are_one_write_unless_one_has_a_pace_of_its_own(pace, writes):
    requests = [Request(url="http://a.example/", headers=(), body=body, **pace) for body in (b"one", b"two")]
    writer = Writer()

    async def write():
        async with writing(writer, requests) as sending:
            await sending

    asyncio.run(write())

    assert len(writer.written) == writes
    assert b"".join(writer.written) == b"".join(one.raw() for one in requests)


def test_what_got_no_answer_on_a_shared_connection_is_a_failure_of_its_own():
    def once(connection):
        connection.sendall(OK)
        connection.shutdown(socket.SHUT_RDWR)

    with a_listener(once) as (url, _):
        requests = [Request(url=url, headers=(), body=b"x")] * 2
        found = asyncio.run(on_one_connection(requests, 3, pipelined=True))

    assert [one.status for one in found] == [200, None]


@pytest.mark.parametrize("pipelined", [False, True])
def test_after_an_answer_that_says_close_nothing_more_is_waited_for(pipelined):
    closing = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"

    with a_listener(closing) as (url, _):
        requests = [Request(url=url, headers=(), body=b"x")] * 2
        [first, second] = asyncio.run(on_one_connection(requests, 3, pipelined=pipelined))

    assert (first.status, second.status, second.timed_out) == (200, None, False)
    assert second.failure == "the connection was closed after the answer before"
