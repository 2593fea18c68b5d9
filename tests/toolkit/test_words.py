import re
from string import Formatter

import pytest

from receiver.toolkit.words import SPANISH, in_language
from tests.support.processes import CHECKOUT


def parts(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_each_text_has_the_same_parts_in_both_languages():
    assert [english for english, spanish in SPANISH.items() if parts(english) != parts(spanish)] == []


def test_each_text_of_the_toolkit_is_there_in_spanish():
    sources = [(CHECKOUT / "receiver/toolkit" / name).read_text() for name in ("calls.py", "crm.py", "people.py")]
    used = {text for source in sources for text in re.findall(r"in_language\([\"']([^\"']+)[\"']", source)}
    labels = {
        text for source in sources for text in re.findall(r"\(?[\"']([A-Z][\w -]+)[\"'], (?:\"\w+\"|person\.)", source)
    }

    assert (len(used) > 5, len(labels) > 7) == (True, True)  # the patterns find them
    assert (used | labels) - SPANISH.keys() == set()


@pytest.mark.parametrize(("language", "text"), [("en", "Call from Ada {x}"), ("es", "Llamada de Ada {x}")])
def test_what_a_caller_says_is_filled_in_as_it_is(language, text):
    assert in_language("Call from {who}", language, who="Ada {x}") == text
