"""Every sentence for people is there in both languages, and none is written where it cannot be translated."""

import ast
import pkgutil
import string
from importlib import import_module
from pathlib import Path

import pytest

import receiver
from receiver.locales import LANGUAGES, Texts
from tests.support.processes import CHECKOUT

# The same in both languages: names, what has no words of ours.
SAME = {"{n} min", "{n} h", "{n} s", "{lane}: {state}{due}", "worker", "variables", "n8n", "HubSpot", "Google Sheets"}
FOR_PEOPLE = {"problem", "advice", "fine", "echo", "Finding"}


def tables():
    for found in pkgutil.walk_packages(receiver.__path__, "receiver."):
        if not found.name.endswith("__main__"):
            module = import_module(found.name)
            for name, table in vars(module).items():
                if isinstance(table, Texts):
                    yield f"{found.name}.{name}", table


TABLES = dict(tables())


@pytest.mark.parametrize("where", TABLES)
def test_no_text_is_missing_in_one_language(where):
    for name, forms in TABLES[where].table.items():
        assert [bool(form) for form in forms] == [True] * len(LANGUAGES), name
        english, spanish = forms
        assert parts(english) == parts(spanish), name
        assert english != spanish or english.strip() in SAME or not any(map(str.isalpha, words(english))), name


def parts(form):
    """Those of a sentence whose number decides a noun, and is not shown, may be in one language alone."""
    return {field for _, field, spec, _ in string.Formatter().parse(form) if field and not (spec or "").startswith("=")}


def words(form):
    return "".join(text for text, *_ in string.Formatter().parse(form))


ROOMS = ("doctor", "cli", "operations")


@pytest.mark.parametrize(
    "file", [p for room in ROOMS for p in sorted((CHECKOUT / "receiver" / room).glob("*.py"))], ids=str
)
def test_no_sentence_for_people_is_written_outside_a_table(file):
    calls = [node for node in ast.walk(ast.parse(Path(file).read_text())) if isinstance(node, ast.Call)]

    written = [
        (node.lineno, text)
        for node in calls
        if isinstance(node.func, ast.Name) and node.func.id in FOR_PEOPLE
        for text in sentences(node)
    ]

    assert written == []


def sentences(call):
    """Texts with a space among what is said; the first argument of a finding is the name of a thing."""
    said = [*call.args[0 if call.func.id == "echo" else 1 :], *(keyword.value for keyword in call.keywords)]
    constants = (part for node in said for part in ast.walk(node) if isinstance(part, ast.Constant))
    for constant in constants:
        is_sentence = isinstance(constant.value, str) and " " in constant.value.strip()
        if is_sentence and not inside_a_text(said, constant):
            yield constant.value


def inside_a_text(said, constant):
    """Whether it is an argument of another call, as the name of a command is of `command`."""
    return any(
        isinstance(call, ast.Call) and any(constant is part for part in ast.walk(call))
        for node in said
        for call in ast.walk(node)
    )
