"""What is sealed with SECRET_KEY, and opened with it or the key before it."""

import pytest

from receiver.errors import ConfigurationError
from receiver.sealing import Sealer, shown

OLD, NEW = b"the key before this one", b"the key of today"


def test_what_was_sealed_is_opened_by_the_same_key_and_shows_nothing_of_itself():
    sealed = Sealer([NEW]).seal({"SLACK_BOT_TOKEN": "xoxb-1"})

    assert Sealer([NEW]).open(sealed) == {"SLACK_BOT_TOKEN": "xoxb-1"}
    assert "xoxb" not in sealed


def test_a_key_can_be_changed():
    sealed = Sealer([OLD]).seal("s")

    assert Sealer([NEW, OLD]).open(sealed) == "s"
    with pytest.raises(ConfigurationError, match="SECRET_KEY_PREVIOUS"):
        Sealer([NEW]).open(sealed)


@pytest.mark.parametrize(("keys", "says"), [([], "is not set"), ([b"short"], "16 characters")])
def test_without_a_good_key_nothing_is_sealed(keys, says):
    with pytest.raises(ConfigurationError, match=says):
        Sealer(keys).seal("s")


def test_of_a_long_value_the_end_is_shown():
    assert shown({"A": "x" * 40 + "9f3c", "B": "short"}) == {"A": "…9f3c", "B": "set"}
