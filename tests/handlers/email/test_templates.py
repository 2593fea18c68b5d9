"""What people see: escaped, in both forms, with no link that is not ours, and nothing that is fetched."""

import re
from html.parser import HTMLParser

import pytest

from handlers.email.parts import LINKS
from handlers.email.templates import NOTE, PREVIEW
from receiver.toolkit import say
from tests.handlers.email.desk import Desk
from tests.support.tools import booked, completed, lead

HOSTILE = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "<a href=https://evil.example>bank</a>",
    "{font}{0.__class__}", "%s %(x)s", "http://evil.example/x", "www.evil.example", "ada@evil.example", "\x00\x07\ud800",
    "\u202egnp.exe", "a\r\nb", "x" * 50_000, "&amp;lt;", "javascript:alert(1)", ".\r\n.\r\nQUIT\r\n",
]  # fmt: skip
SPOKEN = (
    "caller_name", "caller_phone", "caller_email", "summary", "call_summary", "intent", "urgency", "interest",
    "service_type", "appointment_time_start", "recording_url", "calendar_event_link", "call_id", "started_at",
)  # fmt: skip


class Page(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.tags, self.links, self.texts = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.links += [value for name, value in attributes if name in ("href", "src")]

    def handle_data(self, text):
        self.texts.append(text)


@pytest.mark.parametrize("said", HOSTILE, ids=lambda text: ascii(text[:20]))
@pytest.mark.parametrize("env", ["email_env", "smtp_env"])
def test_what_a_caller_says_is_shown_as_text_and_links_nowhere(world, said, env):
    desk = Desk(getattr(world, env))
    for number, make in enumerate((completed, booked, lead)):
        desk.attempt(make(f"d-{number}", **dict.fromkeys(SPOKEN, said)))

    assert len(world.resend.emails) + len(world.mail.messages) == 3
    for email in world.resend.emails:
        page = Page(email["html"])
        assert {*page.tags} <= {"html", "head", "meta", "title", "body", "table", "tr", "td", "div", "span", "br", "a"}
        assert page.links == (["mailto:ada@evil.example"] * ("mailto:" in email["html"]) if "@" in said else [])
        shown = re.sub(r"mailto:\S+|>ada@evil.example<|: ada@evil.example", "", email["html"] + email["text"])
        assert not re.search(r"\w[.@]\w+\.?example|://", shown)


def test_a_number_can_be_called_and_an_address_written_to(world):
    Desk(world.email_env).attempt(lead(caller_phone="+34912345678"))

    [email] = world.resend.emails
    assert Page(email["html"]).links == ["tel:+34912345678", "mailto:ada@example.com"]
    assert "Phone: +34 912 34 56 78" in email["text"]


def test_the_recording_and_the_calendar_are_linked(world):
    Desk(world.email_env).attempt(completed(recording_url="https://rec.example/1.mp3?a=1&b=2"))

    [email] = world.resend.emails
    assert Page(email["html"]).links == ["tel:+15550100", "https://rec.example/1.mp3?a=1&b=2"]
    assert "Listen to the recording: https://rec.example/1.mp3?a=1&b=2" in email["text"]


def test_how_a_message_begins_says_nothing_of_the_call(world):
    Desk(world.email_env).attempt(completed(summary="Toothache"))

    body = world.resend.emails[0]["html"].partition("<body")[2].partition(">")[2]
    beginning = "".join(Page(body).texts).strip()[:200]
    assert beginning.startswith("Open the message to read it.")
    assert not any(word in beginning for word in ("Ada", "Toothache", "completed"))


def test_lines_of_a_summary_stay_lines(world):
    Desk(world.email_env).attempt(completed(summary="One\nTwo"))

    [email] = world.resend.emails
    assert "One\nTwo" in email["text"]
    assert "One<br>Two" in email["html"]


OWN_WORDS = [
    NOTE, PREVIEW, *(label for label, _ in LINKS), "New call", "Urgent call", "Urgent", "Calls of the day", "more calls",
    "Unknown caller",
]  # fmt: skip


def test_each_of_the_handlers_own_words_has_its_spanish():
    assert [words for words in OWN_WORDS if say(words, "es") == words] == []
