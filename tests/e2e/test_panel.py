"""The panel as people use it: in a real browser, with our receiver at the other end."""

import sqlite3
from contextlib import closing, contextmanager

import pytest
from playwright.sync_api import expect

from tests.support.processes import free_port, listens, started, until
from tests.support.web import SERVE

pytestmark = pytest.mark.timed  # it waits for pages, and a page waits for the machine

SECRET = "a secret for tests"
SOON_MS = 20_000  # for anything to appear on a busy machine
WIDTHS = {"wide": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture
def panel(tmp_path):
    """The address of a panel started by its command."""
    port = free_port()
    arguments = ("-m", "mock_sender", "panel", "--port", str(port), "--db", str(tmp_path / "sender.db"))
    with started(*arguments, env={}):
        until(lambda: listens(port), what="the panel")
        yield f"http://127.0.0.1:{port}"


class Receiver:
    def __init__(self, data):
        self.port, self.data = free_port(), data
        self.url = f"http://127.0.0.1:{self.port}/webhooks/inboundflow"

    @contextmanager
    def running(self):
        env = {"PORT": str(self.port), "DATA_DIR": str(self.data), "INBOUNDFLOW_SIGNING_SECRET": SECRET}
        with started("-c", SERVE, env=env):
            until(lambda: listens(self.port), what="the receiver")
            yield

    def count(self):
        with closing(sqlite3.connect(self.data / "inbox.db")) as db:
            return db.execute("SELECT count(*) FROM deliveries").fetchone()[0]


@pytest.fixture
def receiver(tmp_path):
    (tmp_path / "receiver").mkdir()
    return Receiver(tmp_path / "receiver")


class Page:
    """A page as a person sees it, in Spanish, and what its console complained of."""

    def __init__(self, page):
        self.page, self.complaints = page, []
        page.set_default_timeout(SOON_MS)
        page.on("console", lambda said: said.type in ("error", "warning") and self.complaints.append(said.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def press(self, name):
        self.page.get_by_role("button", name=name, exact=True).click()

    def shows(self, text, times=None):
        found = self.page.get_by_text(text)
        if times is None:
            expect(found.first).to_be_visible(timeout=SOON_MS)
        else:
            expect(found).to_have_count(times, timeout=SOON_MS)

    def connect(self, panel, url):
        self.page.goto(panel)
        self.page.get_by_role("link", name="Conectar Webhook Personalizado").click()
        self.page.get_by_label("URL del webhook").fill(url)
        self.page.get_by_label("Secreto de firma").fill(SECRET)

    def is_too_wide(self):
        self.page.wait_for_load_state()  # the text is there before its style sheet is
        return self.page.evaluate("document.documentElement.scrollWidth > innerWidth")


@contextmanager
def opened(chromium, **options):
    context = chromium.new_context(**options)
    try:
        yield Page(context.new_page())
    finally:
        context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_a_webhook_is_connected_tested_disabled_at_its_tenth_failure_and_reconnected(chromium, panel, receiver, width):
    with opened(chromium, viewport=WIDTHS[width]) as person:
        too_wide = []
        with receiver.running():
            person.connect(panel, receiver.url)
            too_wide.append(person.is_too_wide())
            person.press("Probar Webhook")
            person.shows("Llegó bien: respondió 200 «stored».")
            assert receiver.count() == 1
            person.press("Guardar")
            person.press("Simular")
            person.shows("Entregada", times=4)
            assert receiver.count() == 5

        for failures in range(1, 11):
            person.shows("Desactivada automáticamente", times=0)
            person.page.get_by_label("Qué pasa").select_option("lead.created")
            person.press("Simular")
            person.shows(f"{failures} de 10 fallos seguidos")
        person.shows("Desactivada automáticamente tras 10 fallos consecutivos")
        person.shows("No se pudo conectar: ahí no escucha nadie.")
        person.shows("lo mismo", times=9)
        person.press("Simular")
        person.shows("Perdidas mientras estaba desactivada: 1")
        too_wide.append(person.is_too_wide())

        with receiver.running():
            person.press("Reconectar")
            person.shows("0 de 10 fallos seguidos")
            person.press("Simular")
            person.shows("Entregada", times=8)
            assert receiver.count() == 9

        person.page.locator(".delivery").first.click()
        person.shows("Intento 1")
        too_wide.append(person.is_too_wide())
        assert (too_wide, person.complaints) == ([False] * 3, [])


def test_a_mistake_is_shown_at_its_field_without_losing_what_was_typed(chromium, panel):
    with opened(chromium) as person:
        person.connect(panel, "http://example.com/")

        person.press("Probar Webhook")

        url = person.page.get_by_label("URL del webhook")
        expect(url).to_be_focused(timeout=SOON_MS)
        expect(url).to_have_attribute("aria-invalid", "true")
        person.shows("Tiene que empezar por https://")
        expect(url).to_have_value("http://example.com/")
        expect(person.page.get_by_label("Secreto de firma")).to_have_value(SECRET)


def test_the_key_enter_saves_and_presses_no_other_button(chromium, panel):
    with opened(chromium) as person:
        person.connect(panel, "http://127.0.0.1:9/")

        person.page.get_by_label("Secreto de firma").press("Enter")

        person.shows("Guardado.")


def test_it_works_without_javascript(chromium, panel, receiver):
    with receiver.running(), opened(chromium, java_script_enabled=False) as person:
        person.connect(panel, receiver.url)
        person.press("Probar Webhook")
        person.shows("Llegó bien: respondió 200 «stored».")
        person.press("Guardar")
        person.press("Simular")
        until(lambda: receiver.count() == 5, what="the call")

        def shows_all():  # the page stays as it was loaded, perhaps before the panel had the last answer
            person.page.wait_for_load_state()  # of what the form led to
            person.page.reload()
            return person.page.get_by_text("Entregada").count() == 4

        until(shows_all, what="four that were delivered")


def test_english_is_chosen_on_a_page_and_stays(chromium, panel):
    with opened(chromium) as person:
        person.page.goto(panel)

        person.page.get_by_role("link", name="English").click()
        person.page.get_by_role("link", name="Connect Custom webhook").click()

        expect(person.page.get_by_label("Webhook URL")).to_be_visible(timeout=SOON_MS)
        assert person.page.evaluate("document.documentElement.lang") == "en"


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("path", ["/", "/integrations/zapier", "/nope"])
def test_no_page_has_to_be_moved_sideways(chromium, panel, path, width):
    with opened(chromium, viewport={"width": width, "height": 800}) as person:
        person.page.goto(panel + path)

        assert not person.is_too_wide()


def test_a_long_name_and_address_fit_a_narrow_telephone(chromium, panel):
    with opened(chromium, viewport={"width": 320, "height": 640}) as person:
        person.connect(panel, f"http://127.0.0.1:9/{'path' * 40}")
        person.page.get_by_text("Opciones avanzadas").click()
        person.page.get_by_label("Nombre").fill("n" * 100)
        person.press("Guardar")
        person.shows("Guardado.")
        too_wide = [person.is_too_wide()]

        person.page.get_by_role("link", name="Integraciones").click()
        person.shows("Tus conexiones")

        assert [*too_wide, person.is_too_wide()] == [False, False]
