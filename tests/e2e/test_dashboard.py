"""The dashboard in a real browser, on a desk and on a phone, in both languages, with and without script."""

import re
import time

import pytest
from playwright.sync_api import expect

from receiver import settings, store
from receiver.operations import (
    Actor,
    Routing,
    add_person,
    add_source,
    begin_erasure,
    fold,
    make_erasure,
    mark,
    people,
    subject,
    work_on_erasures,
)
from tests.support.axe import axe_script, found
from tests.support.browsing import PASSWORD
from tests.support.practice import Practice
from tests.support.processes import free_port, listens, started, until
from tests.support.tools import in_zone, where_it_is_noon
from tests.support.web import SECRET, SERVE

pytestmark = pytest.mark.timed  # it waits for pages that are drawn again every ten seconds

SOON_MS = 30_000
SIZES = {"desk": {"width": 1280, "height": 800}, "phone": {"width": 360, "height": 740}}
WORDS = {
    "en": {
        "good": "Everything arrived where it should.", "reached": "Reached", "message": "Left a message", "save": "Save",
        "undo": "Undo", "empty": "Nobody is waiting for a call.", "tried": "Tried", "mark": "Done…",
        "sign": "Sign in", "search": "Search", "arrived": "Arrived", "wrong": "That password is not right.",
    },
    "es": {
        "good": "Todo llegó a donde debía.", "reached": "Contestó", "message": "Dejé mensaje", "save": "Guardar",
        "undo": "Deshacer", "empty": "Nadie espera una llamada.", "tried": "Intentadas", "mark": "Listo…",
        "sign": "Iniciar sesión", "search": "Buscar", "arrived": "Llegó", "wrong": "La contraseña no es correcta.",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A receiver with its dashboard, and a practice whose calls come while somebody looks."""
    env = {
        "DATA_DIR": str(tmp_path_factory.mktemp("data")), "INBOUNDFLOW_SIGNING_SECRET": SECRET,
        "DASHBOARD_PASSWORD": PASSWORD, "BUSINESS_NAME": "Bright Smile Dental", "PORT": str(free_port()),
        "SECRET_KEY": "a key for sealing, long enough", "BUSINESS_TIMEZONE": where_it_is_noon().key,
    }  # fmt: skip
    db = store.connect(settings.read(env))
    store.migrate(db)
    practice = Practice(db)
    practice.settings = settings.read(env)
    practice.routing = Routing(settings.read(env), {}, {})
    with started("-c", SERVE, env=env):
        until(lambda: listens(int(env["PORT"])), what="the server")
        practice.url = f"http://127.0.0.1:{env['PORT']}"
        yield practice
    db.close()


@pytest.fixture
def practice(place):
    """With nobody's calls yet."""
    tables = ("callbacks", "call_words", "calls", "attempts", "runs", "deliveries", "pauses", "erasures")
    place.db.commit(lambda tx: [tx.execute(f"DELETE FROM {table}") for table in tables])
    place.db.commit(lambda tx: tx.execute("DELETE FROM facts WHERE name = 'calls'"))  # numbers begin at 1 again
    time.sleep(2.1)  # a page is made again after two seconds
    return place


@pytest.fixture(params=[("phone", "es", True), ("desk", "en", False)], ids=["phone-es-script", "desk-en-plain"])
def person(request, chromium, place):
    """Somebody at a browser, with what its console said."""
    size, lang, script = request.param
    context = chromium.new_context(viewport=SIZES[size], java_script_enabled=script)
    page = context.new_page()
    page.words, page.scripted, page.said = WORDS[lang], script, []
    page.on("console", lambda message: message.type in ("error", "warning") and page.said.append(message.text))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.goto(f"{place.url}/sign-in?lang={lang}")
    yield page
    assert page.said == []
    context.close()


def sign_in(page, password=PASSWORD, name="Ana"):
    page.locator("#password").fill(password)
    page.locator("#name").fill(name)
    page.get_by_role("main").get_by_role("button", name=page.words["sign"]).click()


def is_too_wide(page):
    return page.scripted and page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_the_owners_morning(practice, person):
    for n in range(3):
        call = practice.call(ago_s=30 + n, phone=f"+120255501{n:02}", events=("call.completed", "appointment.booked"))
        practice.runs(call, slack="succeeded", sheets="succeeded")
    sign_in(person)

    expect(person.get_by_role("heading", name=person.words["good"])).to_be_visible(timeout=SOON_MS)
    expect(person.locator(".tiles li").first).to_contain_text("3")
    assert not is_too_wide(person)

    call = practice.call(ago_s=300, phone="+12025550177", name="Tom")  # while it is open
    practice.runs(call, slack="dead")
    if not person.scripted:
        time.sleep(2.1)
        person.reload()
    expect(person.locator("#sentence.bad")).to_contain_text("Slack", timeout=SOON_MS)


def test_a_call_back_is_tried_reached_and_taken_back(practice, person):
    practice.call(call_id="a", name="María García", phone="+12025550142", ago_s=7000, urgency="high")
    sign_in(person)
    person.get_by_role("navigation").first.get_by_role("link", name=re.compile("Call-backs|Por llamar")).click()
    row = person.locator(".person", has_text="María García")
    expect(row).to_be_visible(timeout=SOON_MS)

    row.locator("summary").click()
    row.get_by_label(person.words["message"]).check()
    row.get_by_role("textbox").fill("Voicemail")
    row.get_by_role("button", name=person.words["save"]).click()
    expect(person.get_by_text(person.words["empty"])).to_be_visible(timeout=SOON_MS)
    if person.scripted:
        expect(person.get_by_text(person.words["empty"])).to_be_focused()

    person.get_by_role("button", name=person.words["undo"]).click()
    expect(row).to_be_visible(timeout=SOON_MS)
    row.locator("summary").click()
    row.get_by_label(person.words["reached"], exact=True).check()
    row.get_by_role("button", name=person.words["save"]).click()
    expect(person.get_by_text(person.words["empty"])).to_be_visible(timeout=SOON_MS)
    assert not is_too_wide(person)


def test_a_call_is_found_by_its_last_digits_and_by_a_name_with_an_accent(practice, person):
    practice.runs(practice.call(call_id="a", name="José Peña", phone="+12025550142"), slack="succeeded")
    practice.call(call_id="b", name="Ana Ruiz", phone="+12025550199")
    sign_in(person)
    for text in ("0142", "pena"):
        person.goto(f"{practice.url}/calls")
        person.locator("#q").fill(text)
        person.get_by_role("button", name=person.words["search"]).click()
        expect(person.locator(".line")).to_have_count(1)
    person.locator(".line").click()

    expect(person.get_by_role("heading", name="José Peña")).to_be_visible()
    expect(person.locator("#went")).to_contain_text(person.words["arrived"])
    assert "2025550142" not in person.content()
    assert not is_too_wide(person)


def test_a_wrong_password_is_said_and_focused(practice, person):
    sign_in(person, password="not it")

    expect(person.get_by_role("alert")).to_have_text(person.words["wrong"])
    person.said.clear()  # the browser's own line about 403


def test_what_somebody_types_is_left_alone_while_the_page_is_drawn_again(practice, person):
    if not person.scripted:
        pytest.skip("without script nothing is drawn again")
    practice.call(call_id="a", name="María García", phone="+12025550142", ago_s=7000)
    sign_in(person)
    person.goto(f"{practice.url}/callbacks")
    row = person.locator(".person", has_text="María García")
    row.locator("summary").click()
    row.get_by_role("textbox").fill("half a note")
    person.evaluate("document.activeElement.blur()")
    practice.call(call_id="b", name="Tom", phone="+12025550199", ago_s=6000)
    expect(person.locator(".badge")).to_have_text("2", timeout=SOON_MS)

    expect(row.get_by_role("textbox")).to_have_value("half a note")
    expect(person.locator(".person")).to_have_count(1)


def test_new_calls_are_counted_on_a_button_and_push_nothing_away(practice, person):
    if not person.scripted:
        pytest.skip("without script nothing is drawn again")
    practice.call(call_id="a", name="María García", phone="+12025550142", ago_s=7000)
    sign_in(person)
    person.goto(f"{practice.url}/calls")
    expect(person.locator(".line")).to_have_count(1, timeout=SOON_MS)
    for n in (1, 2):
        practice.call(call_id=f"b{n}", name="Tom", phone="+12025550199", ago_s=600)
    button = person.get_by_role("button", name="2 llamadas nuevas: mostrarlas")
    expect(button).to_be_visible(timeout=SOON_MS)
    expect(person.locator(".line")).to_have_count(1)

    button.click()
    expect(person.locator(".line")).to_have_count(3)


# What axe cannot tell by itself, with our own figure.
LOOKED_AT = {"color-contrast"}  # the mark over a round ground: text on its soft ground has 5.4 or more (dashboard.css)
PAGES = ("/", "/callbacks", "/callbacks?tab=tried", "/callbacks?tab=leads", "/callbacks?tab=done", "/calls",
         "/calls?when=today&outcome=booked", "/call?id=open", "/problems", "/destinations",
         "/connection", "/connect", "/settings", "/people", "/history", "/deliveries", "/erase", "/erase/1", "/erase/2", "/help",
         "/nowhere")  # fmt: skip


def fill(practice):
    """A page of each kind, with something in every part of it, of one of several businesses."""
    if not people(practice.db):
        name = "The North Street Practice for Teeth and Gums of Doctor Featherstonehaugh"
        add_source(practice.db, practice.routing, "north", variables={"BUSINESS_NAME": name})
        add_person(practice.db, "Olga", "four words in a row", "operator", "")
    practice.runs(
        practice.call(call_id="open", name="María García", phone="+12025550142", ago_s=7000, urgency="high",
                      caller_email="m@example.com", recording_url="https://rec.example/1", summary="Chipped tooth. " * 40),
        slack="succeeded", hubspot="dead", sheets="retrying",
    )  # fmt: skip
    practice.call(call_id="tried", name="Tom", phone="+12025550199", ago_s=9000)
    practice.runs(
        practice.call(
            call_id="booked", name="Ana", phone="+12025550101", events=("call.completed", "appointment.booked")
        ),
        slack="succeeded",
    )
    practice.call(call_id="lead", name="Noor", phone="+12025550102", events=("call.completed", "lead.created"))
    for week in range(1, 5):
        practice.call(call_id=f"week-{week}", ago_s=week * 7 * 86_400)
    practice.runs(practice.call(call_id="gone", name="Gil", phone="+12025550103"), slack="succeeded")
    for number in ("+12025550103", "+12025550142"):
        make_erasure(practice.db, subject(phones=[number], source=""))
        work_on_erasures(practice.db, practice.settings, ())
        begin_erasure(practice.db, 1, "")
    for _ in range(2):
        work_on_erasures(practice.db, practice.settings, ())
    fold(practice.db, in_zone(practice.db))
    mark(practice.db, "tried", "message", "Voicemail", Actor(who="Ana", session=1), seen=0)


@pytest.mark.parametrize(("scheme", "widths"), [("light", (320, 1280)), ("dark", (360,))])
def test_axe_finds_nothing_and_nothing_is_too_wide(practice, chromium, scheme, widths):
    fill(practice)
    script, faults, unsure = axe_script(), {}, set()
    context = chromium.new_context(color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.words = WORDS["en"]
    page.goto(f"{practice.url}/sign-in?lang=en")
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        for path in ("/sign-in", "/sign-in/link?token=x", *PAGES):
            if path in PAGES and page.url.endswith("/sign-in/link?token=x"):
                page.goto(f"{practice.url}/sign-in")
                sign_in(page)
            page.goto(practice.url + path)
            for each in page.locator("main details").all():
                each.evaluate("each => (each.open = true)")
            results = found(page, script)
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            if results["violations"] or wide > 0:
                faults[width, path] = (results["violations"], wide)
            unsure |= {name for name, _ in results["incomplete"]}
        context.clear_cookies()
    context.close()

    assert faults == {}
    assert unsure <= LOOKED_AT


@pytest.mark.parametrize(("lang", "width"), [("es", 390), ("en", 390), ("es", 320)])
def test_the_menu_on_a_phone_lies_within_the_page_and_leads_where_it_says(practice, chromium, lang, width):
    context = chromium.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    page.words = WORDS[lang]
    page.goto(f"{practice.url}/sign-in?lang={lang}")
    sign_in(page)
    page.locator(".menu > summary").click()

    menu, page_box = page.locator(".menu > ul").bounding_box(), page.locator("main").bounding_box()
    assert menu["x"] >= 0
    assert menu["x"] + menu["width"] <= page_box["width"]
    assert menu["width"] > width / 2

    page.locator(".menu a").nth(1).click()
    expect(page).to_have_url(re.compile("/connection$"))
    context.close()


def test_text_of_twice_the_size_is_read_without_scrolling_sideways(practice, chromium):
    fill(practice)
    context = chromium.new_context(viewport={"width": 640, "height": 800}, device_scale_factor=2, bypass_csp=True)
    page = context.new_page()
    page.words = WORDS["en"]
    page.goto(f"{practice.url}/sign-in?lang=en")
    sign_in(page)
    for path in PAGES:
        page.goto(practice.url + path)
        page.add_style_tag(content="html { font-size: 200%; } body { font-size: 32px; }")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
    context.close()
