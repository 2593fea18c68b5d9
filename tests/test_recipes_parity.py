"""Each page that customers read exists in English and Spanish, and says the same, line by line."""

import difflib
import os.path
import re
from collections import Counter

import pytest

from receiver.dashboard.texts import all_texts
from tests.support.processes import CHECKOUT
from tests.test_texts import TABLES

HEADINGS = {
    "What each business may set": "Qué puede definir cada negocio",
    # a destination's page
    "What you get": "Qué obtienes",
    "Before you start": "Antes de empezar",
    "Settings": "Variables",
    "Set it up": "Configuración",
    "Check that it works": "Comprueba que funciona",
    "When it fails": "Si algo falla",
    "What happens on replay": "Qué pasa al repetir",
    "How a front desk works with it": "Cómo trabaja con ello la recepción",
    # a host's or a chore's
    "Do it": "Hazlo",
    "Upgrade and roll back": "Actualizar y volver atrás",
    "Another port": "Otro puerto",
    "Back up and restore": "Copiar y restaurar",
    "Take it off again": "Quitarlo todo",
    # the README's
    "See it work": "Míralo funcionar",
    "Put it online": "Ponlo en línea",
    "Destinations": "Destinos",
    "The dashboard": "El panel",
    "Why not straight from InboundFlow to Zapier?": "¿Por qué no directamente de InboundFlow a Zapier?",
    "Why you can trust it": "Por qué puedes confiar en él",
    "When something failed": "Cuando algo ha fallado",
    "For developers": "Para programadores (en inglés)",
    "Help": "Ayuda",
    # docs/settings.md
    "Set and change them": "Ponerlas y cambiarlas",
    # docs/alerts.md
    "By which ways": "Por qué vías",
    "What it tells": "De qué avisa",
    "The line of the day": "La línea del día",
    "Silence": "Silencio",
    "What InboundFlow sends that is new": "Lo nuevo que envía InboundFlow",
    # docs/dashboard.md
    "Switch it on": "Activarlo",
    "People": "Personas",
    "Single sign-on": "Inicio de sesión único",
    "Locked out": "Si te quedas fuera",
    "What it shows": "Qué muestra",
    "Send again, resume, not needed any more": "Enviar de nuevo, reanudar, ya no hace falta",
    "What it protects": "Qué protege",
    # docs/doctor.md
    "What it says": "Qué dice",
    "What it checks": "Qué comprueba",
    "In a script": "En un script",
    # docs/troubleshooting.md
    "InboundFlow says that the test failed": "InboundFlow dice que la prueba falló",
    "InboundFlow has disabled the webhook": "InboundFlow ha desactivado el webhook",
    "No calls come, and nothing fails": "No llegan llamadas, y nada falla",
    "Calls were refused, and are missing": "Se rechazaron llamadas, y faltan",
    "It does not start": "No arranca",
    "Calls are kept, and do not arrive at a destination": "Las llamadas se guardan, y no llegan a un destino",
    "The database is damaged": "La base de datos está dañada",
    "Single sign-on does not work": "El inicio de sesión único no funciona",
    "Prometheus finds no metrics": "Prometheus no encuentra métricas",
    "Messages are in English, or an hour off": "Los mensajes están en inglés, o la hora no es la tuya",
    "Did every call arrive?": "¿Han llegado todas las llamadas?",
    "Something arrived twice": "Algo llegó dos veces",
    "It is slow": "Va lento",
}
RECIPES = sorted(path.name for path in (CHECKOUT / "recipes").glob("*.md"))
DOCS = sorted(path.name for path in (CHECKOUT / "docs" / "es").glob("*.md"))
PAIRS = [
    ("README.md", "README.es.md"),
    *((f"recipes/{name}", f"recipes/es/{name}") for name in RECIPES),
    *((f"docs/{name}", f"docs/es/{name}") for name in DOCS),
]
OF_OTHERS = {f"recipes/{path.stem.replace('_', '-')}.md" for path in (CHECKOUT / "handlers").iterdir()}  # their menus
DRAWN = [str(path.relative_to(CHECKOUT)) for path in (CHECKOUT / "docs" / "pictures").glob("*.es.png")]
PICTURES = {name.replace(".es.", "."): name for name in DRAWN}
PAGES = [forms for forms in all_texts().values() if isinstance(forms[0], str)]
SENTENCES = [*PAGES, *(forms for table in TABLES.values() for forms in table.table.values())]
# What a reader replaces, and what each language's readers set, in Spanish and in English.
OF_THE_LANGUAGE = {
    "https://tu-direccion": "https://your-address",
    "TU-APP": "YOUR-APP",
    "TU-DOMINIO": "YOUR-DOMAIN",
    "TU-SECRETO": "YOUR-SECRET",
    "TU-SERVICIO": "YOUR-SERVICE",
    "el-secreto-nuevo": "the-new-secret",
    "BUSINESS_TIMEZONE=Europe/Madrid": "BUSINESS_TIMEZONE=America/Chicago",
}
FENCE = re.compile(r"^ *```.*?^ *```$", re.DOTALL | re.MULTILINE)


def test_each_recipe_is_there_in_spanish():
    assert [name for name in RECIPES if not (CHECKOUT / "recipes" / "es" / name).exists()] == []


def text_of(page):
    """Without what cog runs; a page that is missing is empty."""
    path = CHECKOUT / page
    text = re.sub(r"<!--.*?-->\n?", "", path.read_text(), flags=re.DOTALL) if path.exists() else ""
    for spanish, english in OF_THE_LANGUAGE.items():
        text = text.replace(spanish, english)
    return text


def code_of(page):
    """Blocks, fenced or indented, without their comments; each in the language of its page."""
    lines = "\n".join([*FENCE.findall(text_of(page)), *re.findall(r"^    \S.*$", prose_of(page), re.MULTILINE)])
    lines = re.sub(r"^BUSINESS_LANGUAGE=es (?=\w+=|\./)", "", lines, flags=re.MULTILINE)  # before a command
    lines = lines.replace("BUSINESS_LANGUAGE=es", "BUSINESS_LANGUAGE=en")
    return re.sub(r"(^|\s+)(#|//) .*$", "", lines, flags=re.MULTILINE).splitlines()


def prose_of(page):
    return FENCE.sub("```", text_of(page))


def headings_of(page):
    return re.findall(r"^## (.+)$", prose_of(page), re.MULTILINE)


def kinds_of(page):
    """What each line is: with a sentence on each, a sentence more or less is seen."""
    return [kind_of(line) for line in prose_of(page).splitlines()]


def kind_of(line):
    indent, mark = re.match(r"( *)(#+ |\d+\. |- |!\[|```|\||)", line).groups()
    cells = f" of {len(re.findall(r'(?<!`) ?[|] ?', line)) - 1} cells" if mark == "|" else ""
    return indent + (mark.strip() + cells or ("a sentence" if line.strip() else ""))


def spans_of(page):
    """What stands in backticks: variables, commands, values."""
    return set(re.findall(r"`([^`\n]+)`", prose_of(page)))


def numbers_of(page):
    """In digits, with however many a limit is told; a comma or a point between thousands does not matter."""
    prose = re.sub(r"`[^`\n]+`|\]\([^)]*\)", "", prose_of(page))
    return Counter(re.sub(r"(?<=\d)[.,](?=\d{3}\b)", "", number) for number in re.findall(r"\d[\d.,:]*\b", prose))


def quotes_of(page):
    """What stands in quotation marks, in prose: what the receiver says, or the name of a button."""
    return re.findall(r'"([^"\n]+)"', re.sub(r"`[^`\n]+`", "", prose_of(page)))


def is_said(english, spanish):
    """Whether the receiver says this in both languages: pieces of one sentence, numbers and names left out."""
    return any(blanks(english) in blanks(forms[0]) and blanks(spanish) in blanks(forms[1]) for forms in SENTENCES)


def blanks(sentence):
    """Without what the receiver fills in, capitals, and the stop at the end."""
    nouns = re.sub(r"\{\w+:(=?)[^}|]*\|([^}]*)\}", lambda m: m[2] if m[1] else f"… {m[2]}", sentence)
    return re.sub(r"\{[^}]*\}|\d+( \w+)?", "…", nouns).lower().rstrip(".")


def links_of(page):
    """In order, as seen from the checkout, without anchors."""
    found = re.findall(r"\]\([^)\s]+\)|https://[^\s)`]+", prose_of(page))
    targets = [link.removeprefix("](").rstrip(").,;:").partition("#")[0] for link in found]
    here = os.path.dirname(page)
    return [link if "://" in link else os.path.normpath(os.path.join(here, link)) for link in targets if link]


def assert_same(english, spanish):
    assert english == spanish, "\n".join(difflib.unified_diff(english, spanish, "English", "Spanish", lineterm=""))


@pytest.mark.parametrize(("english", "spanish"), PAIRS)
def test_the_headings_are_the_same_in_the_same_order(english, spanish):
    assert_same([HEADINGS.get(heading, heading) for heading in headings_of(english)], headings_of(spanish))


@pytest.mark.parametrize(("english", "spanish"), PAIRS)
def test_each_sentence_row_and_step_has_its_counterpart(english, spanish):
    assert_same(kinds_of(english), kinds_of(spanish))


@pytest.mark.parametrize(("english", "spanish"), PAIRS)
def test_the_code_is_the_same(english, spanish):
    assert_same(code_of(english), code_of(spanish))


@pytest.mark.parametrize(("english", "spanish"), PAIRS)
def test_the_same_variables_commands_and_values_are_mentioned(english, spanish):
    assert spans_of(english) ^ spans_of(spanish) == set()


@pytest.mark.parametrize(("english", "spanish"), [pair for pair in PAIRS if pair[0] not in OF_OTHERS])
def test_what_is_quoted_of_the_receiver_is_what_it_says(english, spanish):
    quoted = [pair for pair in zip(quotes_of(english), quotes_of(spanish), strict=True) if pair[0] != pair[1]]

    assert [pair for pair in quoted if not is_said(*pair)] == []


@pytest.mark.parametrize(("english", "spanish"), PAIRS)
def test_the_numbers_are_the_same(english, spanish):
    assert numbers_of(english) == numbers_of(spanish)


@pytest.mark.parametrize(("english", "spanish"), PAIRS)
def test_the_links_lead_to_the_same_pages_in_spanish_where_there_are_such(english, spanish):
    in_spanish = {**dict(PAIRS), **PICTURES, **({"README.es.md": "README.md"} if english == "README.md" else {})}

    assert_same([in_spanish.get(link, link) for link in links_of(english)], links_of(spanish))
