import json
from dataclasses import asdict, dataclass
from zoneinfo import ZoneInfo

import pytest

from receiver.locales import Locale, Texts, joined, language_of, localized, stamp

SPANISH = Locale(language="es", zone=ZoneInfo("Europe/Madrid"))
NOON_US = 1_782_900_000_000_000
SAY = Texts({
    "waiting": ("{runs:run waits|runs wait} since {since}", "{runs:envío espera|envíos esperan} desde {since}"),
    "because": ("{what}, as {why}", "{what}, porque {why}"),
})  # fmt: skip


@dataclass(frozen=True)
class Said:
    text: str


@pytest.mark.parametrize(
    ("runs", "english", "spanish"),
    [
        (1, "1 run waits since 2026-07-01 10:00:00 UTC", "1 envío espera desde 2026-07-01 12:00:00 CEST"),
        (1200, "1,200 runs wait since 2026-07-01 10:00:00 UTC", "1,200 envíos esperan desde 2026-07-01 12:00:00 CEST"),
    ],
)
def test_a_text_is_english_in_utc_and_known_in_the_readers_language_and_by_their_clock(runs, english, spanish):
    text = SAY("waiting", runs=runs, since=stamp(NOON_US))

    assert (text, localized(text, SPANISH)) == (english, spanish)


def test_a_noun_may_stand_without_its_number():
    say = Texts({"calls": ("{n:=call|calls}", "{n:=llamada|llamadas}")})

    assert [say("calls", n=n) for n in (0, 1, 2)] == ["calls", "call", "calls"]


def test_the_parts_of_a_text_are_the_readers_too_and_what_others_said_stays():
    text = joined("; ", [SAY("because", what=SAY("waiting", runs=1, since="x"), why="Slack said no"), "invalid_auth"])

    assert localized(text, SPANISH) == "1 envío espera desde x, porque Slack said no; invalid_auth"
    assert localized("invalid_auth", SPANISH) == "invalid_auth"


def test_in_a_document_a_text_is_english():
    said = Said(SAY("waiting", runs=1, since="x"))

    assert json.dumps(asdict(said)) == '{"text": "1 run waits since x"}'
    assert localized(asdict(said)["text"], SPANISH) == "1 envío espera desde x"


@pytest.mark.parametrize(
    ("name", "language"),
    [("es", "es"), (" ES\n", "es"), ("es_MX", "es"), ("en-US", "en"), ("fr", ""), ("esperanto", "")],
)
def test_a_language_is_known_however_it_is_spelled(name, language):
    assert language_of(name) == language
