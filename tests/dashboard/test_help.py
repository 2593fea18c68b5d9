import pytest

from receiver.dashboard.texts import LANGUAGES, say
from receiver.operations import STANDINGS
from tests.dashboard.test_words import look, word
from tests.support.browsing import read


@pytest.mark.parametrize("lang", LANGUAGES)
def test_help_says_what_lives_are_what_to_do_and_what_silence_means(browser, lang):
    text = read(look(browser, "/help", lang))

    for name in ("help_lives_what", "help_off_1", "help_off_2", "help_off_3", "help_off_4", "help_silence_what"):
        assert say(name, lang) in text
    assert [word(standing, lang) in text.lower() for standing in STANDINGS[:6]] == [True] * 6
