"""Setting a webhook up on the panel's pages, asked for without a browser; the receivers are real ones on loopback."""

import html
import re

import pytest

from mock_sender.payloads import EVENTS
from tests.mock_sender.panel.person import REFUSED, STORED, text_of
from tests.support.sender import say


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
    (REFUSED, "Respondió 401: signature-mismatch: Not signed with this secret.", "Comprueba que el secreto"),
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
