import pytest

from receiver.inbox import detail_text
from receiver.locales import Locale, localized

DETAILS = [
    # stored                                    in Spanish
    ("no answer (ConnectError)",                "sin respuesta (ConnectError)"),
    ("Slack answered 503",                      "Slack respondió 503"),
    ("the URL answered 404: gone",              "la URL respondió 404: gone"),
    ("the worker was lost before the call",     "el worker se perdió antes del envío"),
    ("erased",                                  "borrada"),
    ("no such channel",                         "no such channel"),
]  # fmt: skip


@pytest.mark.parametrize(("stored", "spanish"), DETAILS)
def test_what_is_ours_of_a_detail_is_in_the_readers_language(stored, spanish):
    assert localized(detail_text(stored), Locale(language="es")) == spanish
    assert detail_text(stored) == stored
