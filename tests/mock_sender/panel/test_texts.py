"""Every text of the panel is there in both languages, and none is there for nothing."""

import re
import string
from pathlib import Path

import pytest

from mock_sender.inboundflow import KINDS
from mock_sender.panel import activity, outcomes
from mock_sender.panel.business import TROUBLES_HERE
from mock_sender.panel.texts import LANGUAGES, TEXTS
from mock_sender.panel.texts.troubles import SPANISH
from mock_sender.payloads import EVENTS
from mock_sender.schedule import SCHEDULES

ROOM = Path(activity.__file__).parent
SOURCES = [path.read_text() for path in [*ROOM.glob("*.py"), *ROOM.glob("templates/*.html")]]
FAMILIES = {
    "kind_": KINDS, "about_": KINDS, "event_": EVENTS, "retries_": SCHEDULES, "trouble_": TROUBLES_HERE,
    "lang_": LANGUAGES, "state_": ("delivered", "failed", "missed", "waiting", "sending"),
    "error_": ("forbidden", "not_found", "trouble", "forbidden_why", "not_found_why", "trouble_why"),
}  # fmt: skip
WANTED = {prefix + name for prefix, names in FAMILIES.items() for name in names}
NAMED = {key for text in SOURCES for key in re.findall(r"""["']([a-z_0-9]+)["']""", text) if key in TEXTS}


def holes(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("key", TEXTS)
def test_a_text_is_there_in_every_language_with_the_same_holes(key):
    texts = TEXTS[key]

    assert len(texts) == len(LANGUAGES)
    assert all(text.strip() for text in texts)
    assert len({frozenset(holes(text)) for text in texts}) == 1


def test_what_templates_ask_for_is_there():
    asked = {key for text in SOURCES for key in re.findall(r"""\bt\(["']([a-z_0-9]+)["'][,)]""", text)}
    said = {key for _, *keys in outcomes.FAILURES for key in keys}

    assert (asked | said | WANTED) - set(TEXTS) == set()


def test_no_text_is_left_over():
    assert set(TEXTS) - NAMED - WANTED == set()


def test_every_trouble_offered_has_a_name_in_spanish():
    assert list(SPANISH) == list(TROUBLES_HERE)
