import re
from string import Formatter

import pytest

from handlers.slack.message import LINKS
from receiver.toolkit.shown import FIELDS, TITLES
from receiver.toolkit.words import SPANISH, say
from tests.support.processes import CHECKOUT

USED = [*TITLES.values(), *(label for label, _ in FIELDS), *(label for label, _ in LINKS)]


def parts(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_each_text_has_the_same_parts_in_both_languages():
    assert [english for english, spanish in SPANISH.items() if parts(english) != parts(spanish)] == []


def test_each_text_of_the_toolkit_is_there_in_spanish():
    sources = [(CHECKOUT / "receiver/toolkit" / name).read_text() for name in ("calls.py", "crm.py", "people.py")]
    used = {text for source in sources for text in re.findall(r"say\([\"']([^\"']+)[\"']", source)}
    labels = {
        text for source in sources for text in re.findall(r"\(?[\"']([A-Z][\w -]+)[\"'], (?:\"\w+\"|person\.)", source)
    }

    assert (len(used) > 5, len(labels) > 7) == (True, True)  # the patterns find them
    assert (used | labels) - SPANISH.keys() == set()


@pytest.mark.parametrize(("language", "text"), [("en", "Call from Ada {x}"), ("es", "Llamada de Ada {x}")])
def test_what_a_caller_says_is_filled_in_as_it_is(language, text):
    assert say("Call from {who}", language, who="Ada {x}") == text


@pytest.mark.parametrize(
    ("words", "language", "shown"),
    [
        ("Phone", "en", "Phone"),
        ("Phone", "es", "Teléfono"),
        ("high", "en", "high"),
        ("high", "es", "alta"),
        ("Root canal", "es", "Root canal"),
    ],
)
def test_words_are_in_the_businesss_language_and_others_as_they_came(words, language, shown):
    assert say(words, language) == shown


def test_each_title_label_and_link_has_its_spanish():
    assert [words for words in USED if words not in SPANISH] == []
