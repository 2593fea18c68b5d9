"""The page, the part of it that is drawn anew while it is open, and the same as text. Nothing comes from elsewhere."""

from __future__ import annotations

from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ...sender import is_loopback
from .sections import SECTIONS
from .texts import LANGUAGES, say

if TYPE_CHECKING:
    from ..server import Destinations

HERE = Path(__file__).parent
STATIC = {"/page.css": "text/css", "/page.js": "text/javascript", "/icon.svg": "image/svg+xml"}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",  # callers' names and numbers stay out of the disk's cache
}
WIDTH = 80  # columns of the text, where nothing is asked for
WIDTHS = range(40, 201)

Answer = tuple[str, str]  # the type of its content, and that


def is_ours(called: str) -> bool:
    """Whether we were called by a name of this machine; another site's may be made to lead here (DNS rebinding)."""
    with suppress(ValueError):
        return is_loopback(urlsplit(f"//{called}").hostname or "")
    return False


def answer(world: Destinations, path: str, query: str) -> Answer | None:
    """The page, a part of it, or its text; None for every other path."""
    asked = {name: values[0] for name, values in parse_qs(query).items()}
    lang = asked.get("lang", "") if asked.get("lang") in LANGUAGES else world.lang
    if path in STATIC:
        return STATIC[path], (HERE / "static" / path[1:]).read_text(encoding="utf-8")
    if path in ("/", "/live"):
        template = templates().get_template("page.html" if path == "/" else "live.html")
        return "text/html; charset=utf-8", template.render(parts=parts(world), **words(lang))
    if path == "/text":
        return "text/plain; charset=utf-8", text(world, lang, width(asked.get("width", "")))
    return None


def parts(world: Destinations) -> list[dict[str, Any]]:
    return [
        {"name": section.name, "template": section.template or f"_{section.name}.html", "seen": section.seen(world)}
        for section in SECTIONS
    ]


def words(lang: str) -> dict[str, Any]:
    return {"t": partial(say, lang=lang), "lang": lang, "languages": LANGUAGES}


def text(world: Destinations, lang: str, width: int) -> str:
    told = [
        "\n".join([f"{say(section.name, lang)}: {say(section.name + '_about', lang)}", "", *lines, ""])
        for section in SECTIONS
        if (seen := section.seen(world)) and (lines := section.lines(seen, lang, width))
    ]
    return "\n".join(told)


def width(asked: str) -> int:
    return int(asked) if asked.isascii() and asked.isdigit() and int(asked) in WIDTHS else WIDTH


@cache
def templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    made.filters["titled"] = lambda name, t: t(name)
    return made
