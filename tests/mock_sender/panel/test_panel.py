"""The panel's pages, asked for over HTTP without a browser; its receivers are real ones on loopback."""

import html
import re

import pytest

from mock_sender.inboundflow import InboundFlow
from mock_sender.panel import Business, create_app
from mock_sender.panel.business import TROUBLES_HERE
from mock_sender.payloads import EVENTS
from tests.mock_sender.test_sender import a_receiver, say
from tests.processes import until

STORED = say(200, b'{"status": "stored"}')
REFUSED = say(401, b'{"reason": "signature-mismatch", "detail": "Not signed with this secret."}')
OWN = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def flow():
    return InboundFlow()


@pytest.fixture
def panel(flow):
    with Business(flow) as business:
        yield Panel(flow, business)


@pytest.fixture
def receiver():
    with a_receiver(STORED) as receiver:
        yield receiver


class Panel:
    """What a person does with it."""

    def __init__(self, flow, business):
        self.flow = flow
        self.client = create_app(flow, business).test_client()

    def see(self, path, **options):
        answer = self.client.get(path, **options)
        return answer.status_code, text_of(answer.text)

    def send(self, path, headers=OWN, **fields):
        return self.client.post(path, data=fields, headers=headers)

    def fill(self, press, kind="custom", **fields):
        typed = {"name": "oficina", "events": [*EVENTS], "retries": "none", "resign": "fresh", "press": press}
        return self.send(f"/integrations/{kind}", **typed | fields)

    def connect(self, receiver, **fields):
        assert self.fill("save", url=receiver.url, secret="s3cret", **fields).status_code == 303
        return self.flow.connections()[-1]

    def simulate(self, connection, **fields):
        return self.send(f"/connections/{connection.id}/simulate", **fields)

    def settled(self, count):
        """The deliveries, the newest first, once there are so many and all of them are over."""

        def over():
            found = self.flow.deliveries()
            return len(found) == count and all(one.state != "waiting" for one in found) and found

        return until(over, what=f"{count} deliveries")


def text_of(page):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_the_first_page_offers_the_four_integrations(panel):
    status, page = panel.see("/")

    assert status == 200
    assert [name for name in ("Zapier", "Make", "n8n", "Webhook Personalizado") if name in page] == [
        "Zapier", "Make", "n8n", "Webhook Personalizado",
    ]  # fmt: skip
    assert page.count("Conectar") == 4 + 1  # and the sentence that says to press it


def test_saving_connects_what_was_typed(panel, receiver):
    answer = panel.fill(
        "save", url=f"  {receiver.url} ", secret=" s3cret ", events=["lead.created"], retries="slack", resign="same"
    )

    [made] = panel.flow.connections()
    assert (answer.status_code, answer.location) == (303, f"/connections/{made.id}")
    assert (made.url, made.secret, made.events) == (receiver.url, "s3cret", ("lead.created",))
    assert (made.kind, made.retries, made.resign) == ("custom", "slack", False)


MISTAKES = [
    ({"url": ""}, "url-error", "Pega aquí la URL de tu receptor."),
    ({"url": "http://example.com/"}, "url-error", "Tiene que empezar por https://"),
    ({"url": "ejemplo"}, "url-error", "Esto no es una dirección web."),
    ({"url": "https://example.com:99999/"}, "url-error", "Esto no es una dirección web."),
    ({"url": "http://[::1/"}, "url-error", "Esto no es una dirección web."),
    ({"events": []}, "events-error", "Elige al menos un evento."),
    ({"events": ["no.such"]}, "events-error", "Elige al menos un evento."),
    ({"name": "taken"}, "name-error", "Ya hay una conexión con ese nombre"),
    ({"name": " "}, "name-error", "Ponle un nombre."),
    ({"retries": "always"}, "retries-error", "Elige uno de la lista."),
]


@pytest.mark.parametrize("press", ["save", "test"])
@pytest.mark.parametrize(("typed", "field", "says"), MISTAKES)
def test_a_mistake_is_told_at_its_field_and_what_was_typed_stays(panel, receiver, typed, field, says, press):
    panel.connect(receiver, name="taken")

    answer = panel.fill(press, **{"url": "https://kept.example/", "secret": "a-kept-secret"} | typed)

    at_field = re.search(rf'id="{field}"[^>]*>(.*?)</p>', answer.text).group(1)
    assert answer.status_code == 422
    assert says in html.unescape(at_field)
    assert 'value="a-kept-secret"' in answer.text
    assert f'value="{typed.get("url", "https://kept.example/")}"' in answer.text
    assert len(panel.flow.connections()) == 1
    assert receiver.seen == []


TESTS = [
    (STORED, "Llegó bien: respondió 200 «stored».", "Ya puedes guardar."),
    (REFUSED, "Respondió 401: signature-mismatch: Not signed with this secret.", "Comprueba que la clave"),
    (say(500), "Respondió 500.", "Mira el registro del receptor."),
    (say(404), "Respondió 404.", "Comprueba la ruta"),
    (say(301, Location="https://x.example/"), "una redirección a https://x.example/, que no se sigue", "Pega esa otra"),
]


@pytest.mark.parametrize(("answer", "came_back", "todo"), TESTS)
def test_the_button_says_what_came_back_and_what_to_do_and_saves_nothing(panel, receiver, answer, came_back, todo):
    receiver.answer = answer

    page = text_of(panel.fill("test", url=receiver.url, secret="s3cret", events=["lead.created"]).text)

    [(headers, _)] = receiver.seen
    assert (headers["X-InboundFlow-Event"], "X-InboundFlow-Signature" in headers) == ("lead.created", True)
    assert came_back in page
    assert todo in page
    assert re.search(r"\d ms", page)
    assert panel.flow.connections() == panel.flow.deliveries() == []


def test_a_receiver_that_takes_what_is_not_signed_is_called_open_to_anybody(panel, receiver):
    page = text_of(panel.fill("test", url=receiver.url).text)

    assert "Aceptó algo sin firmar" in page


def test_a_secret_is_made_on_demand_and_nothing_typed_is_lost(panel, receiver):
    made = [
        re.search(r'name="secret"[^>]*value="([0-9a-f]{64})"', panel.fill("make-secret", url=receiver.url).text).group(
            1
        )
        for _ in range(2)
    ]

    assert made[0] != made[1]
    assert receiver.url in panel.fill("make-secret", url=receiver.url).text


def test_a_saved_secret_is_on_no_page_and_is_kept_unless_changed(panel, receiver):
    one = panel.connect(receiver)
    typed = {"url": receiver.url, "name": "otro", "events": [*EVENTS], "retries": "none"}
    path = f"/connections/{one.id}/settings"

    pages = [panel.client.get(at).text for at in ("/", f"/connections/{one.id}", path)]
    tried = panel.send(path, press="test", **typed).text
    kept = panel.send(path, **typed) and panel.flow.connection(one.id)
    changed = panel.send(path, secret="new", **typed) and panel.flow.connection(one.id)
    gone = panel.send(path, unsigned="on", **typed) and panel.flow.connection(one.id)

    assert [page for page in [*pages, tried] if "s3cret" in page] == []
    assert "X-InboundFlow-Signature" in receiver.seen[0][0]
    assert [(now.name, now.secret) for now in (kept, changed, gone)] == [
        ("otro", "s3cret"),
        ("otro", "new"),
        ("otro", ""),
    ]


def test_a_call_sends_its_four_events_and_the_page_lists_them(panel, receiver):
    one = panel.connect(receiver)

    answer = panel.simulate(one, event="call")

    panel.settled(4)
    _, live = panel.see(f"/connections/{one.id}/live")
    assert (answer.status_code, answer.location) == (303, f"/connections/{one.id}")
    assert sorted(headers["X-InboundFlow-Event"] for headers, _ in receiver.seen) == sorted(EVENTS)
    assert (live.count("Entregado"), live.count("200")) == (4, 4)
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

    banner = "Desactivado automáticamente tras 10 fallos consecutivos"
    assert [banner in page for page in (ninth, disabled, again)] == [False, True, False]
    assert "9 de 10 fallos seguidos" in ninth
    assert "Perdidas mientras estaba desactivado: 4" in disabled
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
    for _ in range(3):
        panel.simulate(one)
    sent = panel.settled(12)[-1]
    count = len(receiver.seen)

    panel.send(f"/deliveries/{sent.id}/resend")

    assert "reconéctala antes de reenviar" in panel.see(f"/deliveries/{sent.id}")[1]
    assert len(receiver.seen) == count


def test_a_retry_that_comes_due_is_made_by_itself(panel, receiver):
    receiver.answer = say(500)
    one = panel.connect(receiver, retries="eager")
    panel.simulate(one, event="lead.created")
    until(lambda: receiver.seen, what="the first attempt")
    receiver.answer = STORED

    [sent] = panel.settled(1)

    assert (sent.state, sent.attempts, len(receiver.seen)) == ("delivered", 2, 2)


def test_a_connection_can_be_removed(panel, receiver):
    one = panel.connect(receiver)

    panel.send(f"/connections/{one.id}/disconnect")

    assert panel.flow.connections() == []
    assert panel.see(f"/connections/{one.id}")[0] == 404


NOWHERE = ["/nope", "/integrations/fax", "/connections/7", "/connections/7/settings", "/connections/7/live",
           "/deliveries/7", f"/deliveries/{2**63}", f"/connections/{10**30}"]  # fmt: skip


@pytest.mark.parametrize("path", NOWHERE)
def test_what_is_not_there_is_a_page_that_says_so(panel, path):
    status, page = panel.see(path)

    assert (status, "Aquí no hay nada" in page) == (404, True)


@pytest.mark.parametrize("path", ["/connections/7/simulate", "/connections/7/test", "/connections/7/reconnect",
                                  "/connections/7/disconnect", "/deliveries/7/resend", "/integrations/fax"])  # fmt: skip
def test_nothing_can_be_done_with_what_is_not_there(panel, path):
    assert panel.send(path).status_code == 404


def test_the_language_is_spanish_until_another_is_chosen_and_that_is_remembered(panel):
    pages = [panel.see(path)[1] for path in ("/", "/?lang=xx", "/?lang=en", "/integrations/custom", "/?lang=es", "/")]

    assert ["Configuración" in page for page in pages] == [True, True, False, False, True, True]
    assert "Webhook URL" in pages[3]
