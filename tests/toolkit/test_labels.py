import pytest

from handlers.slack.message import LINKS
from receiver.toolkit import say
from receiver.toolkit.labels import SPANISH
from receiver.toolkit.shown import FIELDS, TITLES

USED = [*TITLES.values(), *(label for label, _ in FIELDS), *(label for label, _ in LINKS)]


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
