import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from mock_sender.conformance.runner import CannotRun, chosen, run
from mock_sender.conformance.table import GROUPS
from tests.mock_sender.conformance.seen import SECRET
from tests.receivers.right import right
from tests.support.processes import free_port
from tests.support.sender import a_receiver, say


def numbers(only=(), skip=()):
    return [check.number for check in chosen(only, skip)]


def test_checks_are_run_group_by_group_and_by_number_in_each():
    checks = list(chosen())

    assert [GROUPS.index(check.group) for check in checks] == sorted(GROUPS.index(check.group) for check in checks)
    assert all(
        [c.number for c in checks if c.group == g] == sorted(c.number for c in checks if c.group == g) for g in GROUPS
    )


def test_only_those_that_were_asked_for_are_run_and_none_that_was_skipped():
    assert numbers(only=(31, 1, 20)) == [1, 20, 31]
    assert numbers(only=(1, 20), skip=(20,)) == [1]
    assert set(numbers()) - set(numbers(skip=(1, 95))) == {1, 95}


@pytest.mark.parametrize("choice", [{"only": (999,)}, {"skip": (999,)}])
def test_a_number_that_there_is_not_is_told_with_those_that_there_are(choice):
    with pytest.raises(CannotRun, match=r"no check 999: they are 1, 2, 3"):
        numbers(**choice)


@pytest.mark.parametrize(
    ("url", "secret", "why"),
    [
        ("http://example.com/", SECRET, "https"),
        ("http://127.0.0.1:{port}/", "", "Give --secret"),
        ("http://127.0.0.1:{port}/", SECRET, "Nothing can be reached"),
    ],
)
def test_where_no_check_could_tell_anything_none_is_run(url, secret, why):
    with pytest.raises(CannotRun, match=why):
        run(url.format(port=free_port()), secret, only=[1])


def test_where_the_first_genuine_delivery_is_refused_one_sentence_says_what_to_look_at():
    with right(SECRET) as receiver, pytest.raises(CannotRun, match=r"answered 401.* Is the secret that of the rec"):
        run(receiver.url, "another", only=[1, 2])


@contextmanager
def stopping(server):
    yield
    server.shutdown()
    server.server_close()


def test_where_the_path_is_wrong_that_is_said():
    class Elsewhere(BaseHTTPRequestHandler):
        def do_POST(self):
            self.send_error(404)

    server = HTTPServer(("127.0.0.1", 0), Elsewhere)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with stopping(server), pytest.raises(CannotRun, match=r"answered 404.* Is the path of the URL right"):
        run(f"http://127.0.0.1:{server.server_port}/", SECRET, only=[1, 2])


FIRST = [
    # answered    what is said
    (403,         "answered 403. Is the secret that of the receiver, and its route exempt from the framework's CSRF"),
    (419,         "answered 419. Is the secret that of the receiver, and its route exempt"),
    (400,         "answered 400. Is the secret that of the receiver? Nothing was checked"),
    (500,         "answered 500. Its own log should say why. Nothing was checked"),
    (302,         "a redirect to somewhere else is not followed, give that address instead. Nothing was checked"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "words"), FIRST)
def test_whatever_else_is_answered_to_the_first_one_is_said_in_a_sentence_too(status, words):
    with a_receiver(say(status)) as receiver, pytest.raises(CannotRun) as refused:
        run(receiver.url, SECRET, only=[1, 2])

    assert words in str(refused.value)


def test_where_only_an_accent_is_refused_the_checks_run_and_say_what_is_wrong():
    def answer(handler):
        _, body = handler.server.seen[-1]
        say(200 if body.isascii() else 401)(handler)

    with a_receiver(answer) as receiver:
        report = run(receiver.url, SECRET, only=[1, 20])

    assert [result.number for result in report.results] == [1, 20]


def test_all_checks_run_anyway_where_that_is_asked_for():
    with right(SECRET) as receiver:
        report = run(receiver.url, "another", only=[1, 2], anyway=True)

    assert [result.outcome for result in report.results] == ["failed", "failed"]


def test_the_report_and_its_progress_are_in_the_order_of_the_run():
    steps = []
    with right(SECRET) as receiver:
        report = run(
            f"{receiver.url}?key={SECRET}", SECRET, only=[20, 1, 31],
            progress=lambda check, at, count: steps.append((check.number, at, count)),
        )  # fmt: skip

    assert steps == [(1, 0, 3), (20, 1, 3), (31, 2, 3)]
    assert [(result.number, result.outcome) for result in report.results] == [
        (1, "passed"), (20, "passed"), (31, "skipped"),
    ]  # fmt: skip
    assert report.results[2].says == "no --previous-secret given"
    assert report.url.endswith("?key=[the secret]")
