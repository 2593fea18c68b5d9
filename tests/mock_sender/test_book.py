import random

from mock_sender import payloads
from mock_sender.book import Book
from mock_sender.clock import VirtualClock
from mock_sender.inboundflow import InboundFlow
from mock_sender.wire import Answer

REFUSED, TAKEN = Answer(status=500, failure="500"), Answer(status=204)


def test_everything_is_there_again_after_a_restart(tmp_path):
    first = InboundFlow(Book(tmp_path / "sender.db"), clock=VirtualClock(), transport=lambda *_: REFUSED)
    id = first.connect("http://127.0.0.1:1/", secret="s", retries="slack").id
    first.report(payloads.sample(random.Random(1), "lead.created"))
    first.book.close()

    second = InboundFlow(Book(tmp_path / "sender.db"), clock=VirtualClock(), transport=lambda *_: TAKEN)

    assert second.connection(id).failures == 1
    assert (second.work(), second.deliveries()[0].state) == (1, "delivered")
    assert (tmp_path / "sender.db").stat().st_mode & 0o077 == 0  # it holds secrets
