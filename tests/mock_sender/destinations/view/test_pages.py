"""The page: nothing from elsewhere, nothing that a caller said is obeyed, and no other site reads it."""

import re
import string
from pathlib import Path

import httpx
import pytest

from mock_sender.destinations import view
from mock_sender.destinations.view import texts
from mock_sender.destinations.view.sections import SECTIONS
from mock_sender.destinations.view.texts import LANGUAGES, TEXTS

HOSTILE = '</pre></td><script>alert(1)</script>"><img src=x onerror=alert(1)> {{ 7*7 }} \ud800 \x1b[2J'
ROOM = Path(texts.__file__).parent
SOURCES = {path.name: path.read_text() for path in [*ROOM.glob("*.py"), *ROOM.glob("templates/*.html")]}


def fill(played, text):
    """Such a text, everywhere where one can arrive."""
    played.slack.messages.append(
        {
            "ts": "1796011776.000001", "channel": "C0DEMO", "text": text, "delivery_id": "d", "metadata": {},
            "blocks": [
                {"type": "header", "text": {"type": "plain_text", "text": text}},
                {"type": "section", "fields": [{"type": "mrkdwn", "text": text}, {"type": "plain_text", "text": text}]},
                {"type": "context", "elements": [{"type": "mrkdwn", "text": f"<https://a.example/{text}|{text}>"}]},
            ],
        }
    )  # fmt: skip
    played.sheets.tabs[text] = [[text], [text]]
    contact = played.hubspot.add_contact(firstname=text, email=text)
    played.hubspot.objects["calls"]["9"] = {"hs_call_title": text, "hs_call_body": text, "hs_timestamp": text}
    played.hubspot.associations.add(("calls", "9", contact))
    lead = played.salesforce.add("Lead", LastName=text, Phone=text)
    played.salesforce.add("Task", Subject=text, Description=text, WhoId=lead, ActivityDate=text)
    played.resend.emails.append({"from": text, "to": [text], "subject": text, "text": text})
    played.forward.received.append({"headers": {"x-inboundflow-event": text}, "body": text})
    played.zapier.received.append({"headers": {}, "body": text.encode(errors="replace")})


@pytest.mark.parametrize("path", ["/", "/live"])
def test_hostile_text_is_shown_and_not_obeyed(played, path):
    fill(played, HOSTILE)

    page = httpx.get(played.url + path).text

    assert re.findall(r"<script[^>]*>", page) == (['<script src="/page.js" defer>'] if path == "/" else [])
    assert "<img" not in page
    assert "&lt;script&gt;" in page
    assert "{{ 7*7 }}" in page
    assert [address for address in re.findall(r'href="([^"]*)"', page) if address.startswith("javascript")] == []


def test_a_terminal_gets_no_sign_that_it_obeys(played):
    fill(played, HOSTILE)

    text = httpx.get(played.url + "/text").text

    assert "script" in text
    assert {sign for sign in text if not sign.isprintable()} == {"\n"}


def test_everything_comes_from_this_machine_and_the_browser_is_told_so(played):
    fill(played, "Ada")
    answer = httpx.get(played.url)

    addresses = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
    assets = [address for address in addresses if address.startswith("/")]

    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert [httpx.get(played.url + asset).status_code for asset in assets] == [200] * 3
    assert [a for a in addresses if a.startswith(("http", "//"))] == ["https://a.example/Ada"]  # a link that Slack has
    assert "style=" not in answer.text


@pytest.mark.parametrize("path", ["/", "/live", "/text", "/state"])
@pytest.mark.parametrize(
    ("called", "status"), [("localhost", 200), ("127.0.0.1", 200), ("evil.example", 403), ("[::", 403)]
)
def test_no_other_site_reads_it_under_a_name_of_its_own(played, path, called, status):
    assert httpx.get(played.url + path, headers={"Host": called}).status_code == status


def test_what_is_played_nowhere_is_said(played):
    answer = httpx.get(f"{played.url}/pipedrive/v1/persons")

    assert (answer.status_code, "salesforce" in answer.json()["error"]) == (404, True)


def test_it_speaks_the_language_that_is_asked_for_and_names_where_nothing_has_arrived(played):
    empty = httpx.get(f"{played.url}/?lang=es").text
    played.sheets.tabs["Calls"] = [["name"], ["Ada"]]

    pages = {lang: httpx.get(f"{played.url}/?lang={lang}").text for lang in (*LANGUAGES, "fr")}

    assert "Cuando llegue, esta página lo muestra sola" in empty
    assert "Todavía no ha llegado nada a: Slack, Correo, HubSpot, Salesforce, Peticiones." in pages["es"]
    assert "Nothing has arrived yet at: Slack, E-mail, HubSpot, Salesforce, Requests." in pages["en"]
    assert pages["fr"] == pages["en"]


@pytest.mark.parametrize(("asked", "longest"), [("", 80), ("?width=60", 60), ("?width=5", 80), ("?width=x", 80)])
def test_the_text_is_as_wide_as_is_asked_for(played, asked, longest):
    fill(played, "word " * 30)

    lines = httpx.get(f"{played.url}/text{asked}").text.splitlines()

    assert longest - 5 <= max(map(len, lines)) <= longest


@pytest.mark.parametrize("key", TEXTS)
def test_a_text_is_there_in_every_language_with_the_same_holes(key):
    holes = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in TEXTS[key]]

    assert len(TEXTS[key]) == len(LANGUAGES)
    assert all(TEXTS[key])
    assert holes[0] == holes[1]


def test_no_text_is_missing_or_left_over():
    told = "".join(text for name, text in SOURCES.items() if name != "texts.py")
    named = {key for key in TEXTS if re.search(rf"""["']{key}["']""", told)}
    of_sections = {section.name + end for section in SECTIONS for end in ("", "_about")}
    asked = set(re.findall(r"""\b(?:t|say)\(["']([a-z_]+)["']""", told))

    assert named | of_sections == set(TEXTS)
    assert asked <= set(TEXTS)


def test_each_part_of_the_page_has_its_template():
    assert {section.template or f"_{section.name}.html" for section in SECTIONS} <= SOURCES.keys()
    assert view.LANGUAGES == LANGUAGES
