import gc
import threading
import time
import weakref
from contextlib import suppress

import gevent
import pytest

from receiver import settings
from receiver.app.build import create_app
from receiver.app.loop import LoopBell
from receiver.app.pages import Busy, Threads
from receiver.dashboard import busy_page
from receiver.store import ThreadBell
from tests.support.browsing import PASSWORD
from tests.support.processes import until

INBOUNDFLOW = {
    "User-Agent": "InboundFlow-Webhook/1.0",
    "X-InboundFlow-Event": "call.completed",
    "X-InboundFlow-Delivery-Id": "d-1",
    "X-InboundFlow-Timestamp": "1800000000",
}


@pytest.fixture
def client(app_env):
    return create_app(settings.read(app_env | {"DASHBOARD_PASSWORD": PASSWORD})).test_client()


def test_without_a_password_everything_is_the_core_s(app_env):
    client = create_app(settings.read(app_env)).test_client()

    assert client.get("/").text == "The InboundFlow receiver runs.\n"
    assert client.get("/sign-in").is_json


def test_with_one_the_pages_stand_beside_the_route(client):
    assert client.get("/").status_code == 302
    assert client.get("/sign-in").mimetype == "text/html"
    for path in ("/healthz", "/readyz", "/webhooks/inboundflow", "/webhooks/x"):
        assert client.get(path).is_json, path
    assert client.get("/metrics").mimetype == "text/plain"
    assert client.get("/healthzz").mimetype == "text/html"


def test_what_inboundflow_sends_is_the_core_s_wherever_it_is_sent(client):
    refused = client.post("/wrong", data=b"{}", headers=INBOUNDFLOW)

    assert (refused.status_code, refused.is_json) == (404, True)


def test_no_page_sets_a_cookie_or_a_header_on_a_delivery(client):
    answer = client.post("/webhooks/inboundflow", data=b"{}")

    assert (answer.status_code, "Set-Cookie" in answer.headers) == (401, False)
    assert "Content-Security-Policy" not in answer.headers


def test_a_form_that_is_too_long_is_refused(client):
    assert client.post("/sign-in", data={"name": "x" * 70_000}).status_code == 413


@pytest.mark.parametrize("bell", [ThreadBell, LoopBell])
def test_a_page_too_many_is_told_to_come_again_and_the_others_are_served(bell):
    threads, release, begun = Threads(bell(), 2), threading.Event(), []

    def slow():
        begun.append(1)
        release.wait(10)
        return "page"

    spawn = gevent.spawn if bell is LoopBell else in_thread
    waiting = [spawn(threads.run, slow) for _ in range(2)]
    until(lambda: gevent.sleep(0.01) or len(begun) == 2, what="two pages at work")
    with pytest.raises(Busy):
        threads.run(slow, wait_s=0.05)
    release.set()
    assert [each.get() for each in waiting] == ["page", "page"]
    assert threads.run(lambda: "next") == "next"
    assert len(begun) == 2  # the one that left is not made for nobody


class in_thread:
    def __init__(self, work, *arguments):
        self.thread = threading.Thread(target=lambda: setattr(self, "result", work(*arguments)))
        self.thread.start()

    def get(self):
        self.thread.join()
        return self.result


def test_while_pages_are_made_the_loop_goes_on():
    threads, turns = Threads(LoopBell(), 1), []

    def count():
        while len(turns) < 1000:
            turns.append(1)
            gevent.sleep(0.01)

    counting = gevent.spawn(count)
    threads.run(lambda: time.sleep(0.3))
    counting.kill()

    assert len(turns) > 5


def test_what_a_page_raises_is_raised_to_whoever_asked():
    with pytest.raises(ZeroDivisionError):
        Threads(ThreadBell()).run(lambda: 1 / 0)


def test_the_form_of_a_page_that_fails_is_freed_without_a_search_for_cycles():
    class Form:
        def read(self):
            raise ValueError

    form = Form()
    there = weakref.ref(form)
    gc.collect()
    gc.disable()
    try:
        with suppress(ValueError):
            Threads(ThreadBell()).run(form.read)
        del form
        until(lambda: not there(), within_s=5, what="the end of the form")
    finally:
        gc.enable()


def test_a_page_that_hangs_is_given_up():
    release = threading.Event()
    with pytest.raises(Busy):
        Threads(ThreadBell()).run(lambda: release.wait(10), limit_s=0.1, wait_s=0.05)
    release.set()


def test_the_page_for_whom_no_place_is_left_speaks_both_languages():
    body = busy_page()

    assert "Too many pages" in body
    assert "demasiadas páginas" in body
