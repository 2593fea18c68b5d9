"""What a connection's pages show and do, asked for without a browser; the receivers are real ones on loopback."""

import pytest

from mock_sender.panel.business import TROUBLES_HERE
from mock_sender.payloads import EVENTS
from tests.mock_sender.panel.person import REFUSED, STORED
from tests.support.sender import say


def test_a_call_sends_its_four_events_and_the_page_lists_them(panel, receiver):
    one = panel.connect(receiver)

    answer = panel.simulate(one, event="call")

    panel.settled(4)
    _, live = panel.see(f"/connections/{one.id}/live")
    assert (answer.status_code, answer.location) == (303, f"/connections/{one.id}")
    assert sorted(headers["X-InboundFlow-Event"] for headers, _ in receiver.seen) == sorted(EVENTS)
    assert (live.count("Entregada"), live.count("200")) == (4, 4)
    assert "0 de 10 fallos seguidos" in live


def test_one_event_may_be_sent_with_a_trouble(panel, receiver):
    one = panel.connect(receiver)

    panel.simulate(one, event="lead.created", trouble="no-signature")

    [sent] = panel.settled(1)
    [(headers, _)] = receiver.seen
    assert (sent.event, "X-InboundFlow-Signature" in headers) == ("lead.created", False)


@pytest.mark.parametrize("trouble", TROUBLES_HERE)
def test_no_trouble_breaks_a_page(panel, receiver, trouble):
    one = panel.connect(receiver)

    panel.simulate(one, event="call.completed", trouble=trouble)

    [sent] = panel.settled(1)
    assert panel.see(f"/connections/{one.id}")[0] == panel.see(f"/deliveries/{sent.id}")[0] == 200


@pytest.mark.parametrize("fields", [{"event": "no.such"}, {"trouble": "no-such"}, {"trouble": "duplicate"}])
def test_what_the_page_does_not_offer_is_not_simulated(panel, receiver, fields):
    one = panel.connect(receiver)

    assert panel.simulate(one, **fields).status_code == 400
    assert panel.flow.deliveries() == []


def test_the_tenth_failure_disables_it_and_what_happens_then_is_missed_until_someone_reconnects(panel, receiver):
    receiver.answer = REFUSED
    one = panel.connect(receiver)
    path = f"/connections/{one.id}"

    for count in range(1, 10):
        panel.simulate(one, event="lead.created")
        panel.settled(count)
    ninth = panel.see(path)[1]
    panel.simulate(one, event="lead.created")
    panel.settled(10)
    panel.simulate(one, event="call")
    panel.settled(14)
    disabled = panel.see(path)[1]
    panel.send(f"{path}/reconnect")
    again = panel.see(path)[1]

    banner = "Desactivada automáticamente tras 10 fallos consecutivos"
    assert [banner in page for page in (ninth, disabled, again)] == [False, True, False]
    assert ("9 de 10 fallos seguidos" in ninth, ninth.count("lo mismo")) == (True, 8)  # of one failure nine times
    assert "Perdidas mientras estaba desactivada: 4" in disabled
    assert "0 de 10 fallos seguidos" in again
    assert len(receiver.seen) == 10


def test_a_deliverys_page_shows_every_attempt_and_sends_it_once_more_with_the_same_id(panel, receiver):
    receiver.answer = REFUSED
    one = panel.connect(receiver)
    panel.simulate(one, event="lead.created")
    [sent] = panel.settled(1)
    receiver.answer = STORED

    panel.send(f"/deliveries/{sent.id}/resend")

    page = panel.see(f"/deliveries/{sent.id}")[1]
    assert "Intento 2" in page
    assert page.index("Intento 2") < page.index("respondió 200") < page.index("Intento 1") < page.index("Respondió 401")
    assert f'"delivery_id": "{sent.delivery_id}"' in page
    assert "X-InboundFlow-Signature sha256=" in page
    assert receiver.seen[0][1] == receiver.seen[1][1]


def test_nothing_is_sent_again_to_what_is_disabled_and_the_page_says_so(panel, receiver):
    receiver.answer = say(500)
    one = panel.connect(receiver)
    for count in (4, 8, 12):
        panel.simulate(one)
        sent = panel.settled(count)[-1]
    count = len(receiver.seen)

    panel.send(f"/deliveries/{sent.id}/resend")

    assert "reconéctala antes de reenviar" in panel.see(f"/deliveries/{sent.id}")[1]
    assert len(receiver.seen) == count


def test_a_connection_can_be_removed(panel, receiver):
    one = panel.connect(receiver)

    panel.send(f"/connections/{one.id}/disconnect")

    assert panel.flow.connections() == []
    assert panel.see(f"/connections/{one.id}")[0] == 404
