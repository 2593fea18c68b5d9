import re
from pathlib import Path

import pytest

from receiver import dashboard
from receiver.dashboard.texts import LANGUAGES, Plural, all_texts, say

ROOM = Path(dashboard.__file__).parent
FIELD = re.compile(r"\{(\w+)\}")


def forms(text):
    return (text.one, text.other) if isinstance(text, Plural) else (text,)


def test_each_text_is_there_in_both_languages_with_the_same_values():
    for name, texts in all_texts().items():
        assert len(texts) == len(LANGUAGES), name
        assert all(form.strip() for text in texts for form in forms(text)), name
        values = [set().union(*(FIELD.findall(form) for form in forms(text))) for text in texts]
        assert values[0] == values[1], name


def test_each_name_that_a_template_or_a_view_asks_for_is_there():
    asked = {
        name
        for path in [*ROOM.rglob("*.html"), *ROOM.rglob("[!_]*.py")]
        for name in re.findall(r"""\bt\(["'](\w+)["'][,)]""", path.read_text())
    }

    assert asked - all_texts().keys() == set()


def test_one_and_several_differ_and_numbers_are_written_as_people_write_them():
    assert [say("banner_more", "en", n=n) for n in (1, 2)] == ["and 1 more", "and 2 more"]
    assert [say("banner_more", "es", n=n) for n in (1, 12_345)] == ["y 1 más", "y 12,345 más"]
    assert [say("banner_more", "es", n=n) for n in (0, 1_000_000)] == ["y 0 más", "y 1,000,000 más"]


def test_no_template_lets_markup_or_inline_style_or_script_through():
    forbidden = re.compile(r"\|\s*safe\b|\bstyle=|\son\w+=|<script(?! src)|<style|autoescape false")

    assert {
        path.name: forbidden.findall(path.read_text())
        for path in ROOM.rglob("*.html")
        if forbidden.search(path.read_text())
    } == {}


@pytest.mark.parametrize(
    ("name", "one", "several"),
    [
        ("today_booked", "cita reservada", "citas reservadas"),
        ("today_transferred", "transferida", "transferidas"),
        ("today_leads", "nuevo interesado", "nuevos interesados"),
    ],
)
def test_of_one_the_day_speaks_in_the_singular(name, one, several):
    assert (say(name, "es", n=1), say(name, "es", n=2)) == (one, several)
