"""Somebody in Chromium puts right what broke: a token that was revoked, an outage of an hour; and erases a person."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from mock_sender.destinations import Destinations
from tests.support.browsing import PASSWORD
from tests.support.processes import free_port, get, started, until
from tests.support.up import UP, deliver

WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
REVOKED = '{"ok": false, "error": "token_revoked"}'
REFUSED = '{"ok": false, "error": "invalid_blocks"}'
NUMBER = 12


@pytest.fixture(scope="module")
def world():
    with Destinations() as world:
        yield world


@pytest.fixture(scope="module")
def receiver(world, tmp_path_factory):
    """A receiver with Slack, for both journeys."""
    folder, port = tmp_path_factory.mktemp("receiver"), free_port()
    slack = {name: value for name, value in world.env.items() if name.startswith("SLACK")}
    env = {"DATA_DIR": str(folder), "PORT": str(port), "DASHBOARD_PASSWORD": PASSWORD, "BUSINESS_TIMEZONE": "UTC"}
    with started(*UP, env=env | slack, stdout=(folder / "log").open("w"), stderr=-2) as process:
        until(lambda: get(port, "/readyz")[0] == 200, within_s=60, what="the receiver")
        yield env
        process.terminate()
        process.wait(20)


@pytest.fixture
def somebody(chromium, receiver, request):
    """Signed in, with the window, the language and script or without it, as the test says."""
    options, language = request.param
    context = chromium.new_context(viewport=options["viewport"], java_script_enabled=options["script"])
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.goto(f"http://127.0.0.1:{receiver['PORT']}/sign-in?lang={language}")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=name]").fill("Ana")
    page.locator("main form button").click()
    yield page
    context.close()


def with_script(language):
    return ({"viewport": WIDE, "script": True}, language)


def without_script(language):
    return ({"viewport": NARROW, "script": False}, language)


def seen(page, path, text, within_s=30):
    """Reload until the page says it, as somebody without script does."""

    def look():
        page.goto(path)
        return re.search(text, page.inner_text("main")) is not None

    until(look, within_s=within_s, what=text)


def address(receiver, path):
    return f"http://127.0.0.1:{receiver['PORT']}{path}"


@pytest.mark.parametrize("somebody", [with_script("en")], indirect=True)
def test_a_token_was_revoked_it_is_on_hold_checked_and_resumed(somebody, receiver, world):
    page = somebody
    world.fail("slack", status=200, body=REVOKED, times=1000)
    for n in range(3):
        deliver(receiver, f"held-{n}")
    page.goto(address(receiver, "/problems"))
    hold = page.get_by_role("heading", name=re.compile("Slack is on hold since"))
    expect(hold).to_be_visible(timeout=30_000)  # drawn by itself

    page.get_by_role("button", name="Check now").first.click()
    expect(page.get_by_text("something is wrong there")).to_be_visible(timeout=25_000)
    world.faults.waiting.clear()
    page.get_by_role("button", name="Check now").first.click()
    expect(page.get_by_text("all is well there")).to_be_visible(timeout=25_000)
    page.get_by_role("button", name="Resume…").click()
    expect(page.get_by_text("Slack goes on where it stopped. 3 reports wait for it.")).to_be_visible()
    page.get_by_role("button", name="Resume now").click()
    expect(page.get_by_text("Slack goes on.")).to_be_visible()
    until(lambda: len(world.slack.messages) == 3, what="the messages")
    page.get_by_role("link", name="Problems").click()
    expect(page.get_by_text("No problems.")).to_be_visible(timeout=25_000)


@pytest.mark.parametrize("somebody", [without_script("es")], indirect=True)
def test_an_outage_of_an_hour_is_sent_again_stopped_at_half_and_continued_and_both_sides_count_the_same(
    somebody, receiver, world
):
    page, before = somebody, len(world.slack.messages)
    world.fail("slack", status=200, body=REFUSED, times=1000)
    for n in range(NUMBER):
        deliver(receiver, f"lost-{n}")
    problems = address(receiver, "/problems")
    seen(page, problems, rf"Slack: {NUMBER} llamadas no llegaron", within_s=60)
    world.faults.waiting.clear()

    page.get_by_role("button", name="Enviar de nuevo…").first.click()
    expect(page.get_by_text("se pregunta antes; lo que ya está no se escribe dos veces")).to_be_visible()
    page.get_by_role("button", name=f"Enviar {NUMBER} ahora").click()
    job = page.url
    seen(page, job, rf"[3-9] de {NUMBER} avisos listos")
    page.get_by_role("button", name="Detener").click()
    stopped = page.inner_text("main")
    at_rest = len(world.slack.messages) - before
    page.get_by_role("button", name="Continuar").click()
    seen(page, job, rf"{NUMBER} de {NUMBER} avisos listos", within_s=60)

    assert re.search(rf"Se detuvo en \d+ de {NUMBER}. El resto sigue igual.", stopped)
    assert 3 <= at_rest < NUMBER
    assert len(world.slack.messages) - before == NUMBER
    assert f"{NUMBER}\nllegaron, o ya estaban" in re.sub(r"\s*\n\s*", "\n", page.inner_text("main"))
    sent = {json.dumps(message, sort_keys=True) for message in world.slack.messages}
    assert len(sent) == len(world.slack.messages)
    page.goto(problems)
    assert "Sin problemas." in page.inner_text("main")


@pytest.mark.parametrize("somebody", [without_script("es"), with_script("es")], indirect=True, ids=["plain", "script"])
def test_a_person_is_erased_from_one_of_their_calls(somebody, receiver, world, request):
    page, tag = somebody, request.node.callspec.id
    phone = {"plain": "+34612345678", "script": "+34698765432"}[tag]
    for n in range(2):
        name, call = f"Ada Moreno {tag}", f"call-{tag}-{n}"
        data = {"call_id": call, "caller_phone": phone, "caller_name": name, "call_summary": f"Trillo {tag} 12"}
        deliver(receiver, f"ada-{tag}-{n}", data)
    deliver(receiver, f"bea-{tag}", {"call_id": f"bea-{tag}", "caller_phone": "+34699999999", "caller_name": "Bea"})
    until(lambda: len(of_ada(world, tag)) == 2, what="the messages")
    seen(page, address(receiver, f"/call?id=call-{tag}-0"), f"Ada Moreno {tag}")

    page.get_by_role("button", name="Borrar a esta persona…").click()
    seen(page, page.url, "2 llamadas, con todo lo que se sabe de ellas")
    assert f"Trillo {tag}".encode() in kept(receiver)
    if tag == "script":
        page.get_by_label("Borrarlo también en los destinos").check()
    page.get_by_role("button", name="Borrar para siempre").click()
    seen(page, page.url, "Borrados: 2 avisos")

    stays = page.inner_text("[aria-labelledby=stays]")
    assert ("Se borró también allí" in stays, "bórralo allí" in stays) == (tag == "script", tag == "plain")
    assert len(of_ada(world, tag)) == (0 if tag == "script" else 2)
    assert not [
        word for word in (phone, phone[3:], f"Moreno {tag}", f"Trillo {tag}") if word.encode() in kept(receiver)
    ]
    assert f"bea-{tag}".encode() in kept(receiver)


def of_ada(world, tag):
    return [message for message in world.slack.messages if f"Ada Moreno {tag}" in json.dumps(message)]


def kept(receiver):
    """Every byte of the inbox."""
    return b"".join(path.read_bytes() for path in Path(receiver["DATA_DIR"]).glob("inbox.db*"))
