import phonenumbers
import pytest

from receiver.errors import ConfigurationError
from receiver.toolkit.readable import WITHHELD, check_business, for_people, is_withheld, shown_phone, shown_time

MADRID = {"BUSINESS_TIMEZONE": "Europe/Madrid", "BUSINESS_LANGUAGE": "es"}
UTC = {"BUSINESS_TIMEZONE": "UTC", "BUSINESS_LANGUAGE": "en"}

PHONES = [
    ("+18154264329", "+1 815-426-4329"),
    ("+34600123456", "+34 600 12 34 56"),
    ("+1234567890", "+1 234567890"),
    ("600123456", "600123456"),
    ("anonymous", "anonymous"),
    ("", ""),
]


@pytest.mark.parametrize(("number", "shown"), PHONES)
def test_a_number_is_shown_as_people_write_it(number, shown):
    assert shown_phone(number) == shown


NUMBERS = [
    # as it comes                      withheld
    ("+266696687",                      True),  # ANONYMOUS on a keypad
    ("+266 696-687",                    True),
    ("+7378742833",                     True),  # RESTRICTED
    ("+8656696",                        True),  # UNKNOWN
    ("+86282452253",                    True),  # UNAVAILABLE
    ("+7748283",                        True),  # PRIVATE
    ("+2562533",                        True),  # BLOCKED
    (" Anonymous",                      True),
    ("sip:anonymous@anonymous.invalid", True),
    ("No Caller ID",                    True),
    ("+15550100",                       False),
    ("+6622553743",                     False),  # a number in Bangkok, which spells NO CALLER ID
    ("+1234567890",                     False),  # the documentation's own sample
    ("+8628245225",                     False),
    ("7378742833",                      False),  # a number in Texas, without its country
    ("sip:ada@example.com",             False),
    ("",                                False),  # nothing is known, withheld or not
]  # fmt: skip


@pytest.mark.parametrize(("number", "withheld"), NUMBERS)
def test_a_withheld_number_is_known_by_how_it_is_spelt(number, withheld):
    assert is_withheld(number) is withheld


def test_no_number_that_can_be_dialled_counts_as_withheld():
    numbers = [phonenumbers.parse(word) for word in WITHHELD if word.startswith("+")]

    assert [number for number in numbers if phonenumbers.is_valid_number(number)] == []


TIMES = [
    ("2026-02-25T11:00:00Z", MADRID, "mié 25 feb 2026, 12:00"),
    ("2026-07-25T11:00:00Z", MADRID, "sáb 25 jul 2026, 13:00"),
    ("2026-02-25T11:00:00.000Z", UTC, "Wed 25 Feb 2026, 11:00 UTC"),
    ("2026-02-25T11:00:00", UTC, "Wed 25 Feb 2026, 11:00 UTC"),
    ("tomorrow at noon", MADRID, "tomorrow at noon"),
    ("0001-01-01T00:00:00+14:00", MADRID, "0001-01-01T00:00:00+14:00"),
]


@pytest.mark.parametrize(("moment", "settings", "shown"), TIMES)
def test_a_time_is_shown_in_the_businesss_zone_and_language(moment, settings, shown):
    assert shown_time(moment, settings) == shown


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"BUSINESS_TIMEZONE": "Madrid"}, "BUSINESS_TIMEZONE"),
        ({"BUSINESS_TIMEZONE": "../etc/passwd"}, "BUSINESS_TIMEZONE"),
        ({"BUSINESS_LANGUAGE": "fr"}, "BUSINESS_LANGUAGE"),
    ],
)
def test_a_zone_or_language_that_is_not_known_is_named(change, name):
    check_business(MADRID)

    with pytest.raises(ConfigurationError, match=name):
        check_business(MADRID | change)


SAID = [
    # text                              shown
    ("Ada\x00 Moreno\ud800",            "Ada Moreno"),
    ("\u202egnitset\u202c \u200fx",      "gnitset x"),
    ("one\r\ntwo\n\n\n\nthree\u2028four", "one\ntwo\n\nthree\nfour"),
    ("می\u200cخواهم 👩\u200d⚕️",         "می\u200cخواهم 👩\u200d⚕️"),
    ("x" * 50_000,                      "x" * 8000),
]  # fmt: skip


@pytest.mark.parametrize(("text", "shown"), SAID)
def test_what_a_caller_said_is_made_fit_to_be_read(text, shown):
    assert for_people(text) == shown
