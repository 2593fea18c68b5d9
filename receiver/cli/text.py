"""What the commands print: sentences and tables for people, in their language and no wider than the terminal; JSON."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import click

from ..locales import Locale, localized
from ..operations import table, typed
from ..settings import locale_at_terminal

Advance = Callable[[int], object]
LOCALE = "receiver.locale"  # in click's context, where the command is for people at another business
NARROWEST = 20  # columns: a terminal that says less does not know
INDENT = "    "  # of what a line goes on with


def the_locale() -> Locale:
    """How the people read whom the command is for: those at the business that is named, or whoever typed it."""
    context = click.get_current_context(silent=True)
    return (context and context.meta.get(LOCALE)) or locale_at_terminal(os.environ)


def columns() -> int:
    """How wide the terminal is; 0 where there is none: the lines stay whole, for whoever searches them."""
    return max(NARROWEST, shutil.get_terminal_size().columns) if sys.stdout.isatty() else 0


def echo(text: str, *, indent: str = INDENT, err: bool = False) -> None:
    """Print what is for people: in their language, commands as they are typed here, lines as wide as the terminal."""
    for line in for_people(text).split("\n"):
        click.echo(wrapped(line, indent, columns()), err=err)


def for_people(text: str) -> str:
    return typed(localized(text, the_locale()))


def sentence_of(error: Exception) -> str:
    """What an error of ours says, for people."""
    return for_people(error.args[0] if error.args else "")


def wrapped(line: str, indent: str, columns: int, *, whole_words: bool = True) -> str:
    """Words, such as addresses and commands' parts, stay whole so that they can be copied."""
    if len(line) <= columns or not columns:
        return line
    return textwrap.fill(
        line, columns, subsequent_indent=indent, break_long_words=not whole_words, break_on_hyphens=False
    )


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """In a terminal that is too narrow for it, a row goes on in the next line."""
    cells = [[for_people(cell) for cell in row] for row in rows]
    for line in table(cells):
        click.echo(wrapped(line, INDENT, columns(), whole_words=False))


@contextlib.contextmanager
def progress_bar(label: str, total: int) -> Iterator[Advance]:
    """Told how much more is done, it shows how far all is; where nobody sits at a terminal it shows nothing."""
    if not sys.stderr.isatty():
        yield lambda more: None
        return
    with click.progressbar(length=total, label=for_people(label), file=sys.stderr) as bar:
        yield bar.update


def can_print(signs: str) -> bool:
    """Whether the terminal's locale has these signs."""
    try:
        signs.encode(sys.stdout.encoding or "ascii")
    except (UnicodeError, LookupError):
        return False
    return True


def print_json(document: Mapping[str, Any]) -> None:
    """It is valid JSON in every locale."""
    utf8 = sys.stdout.encoding.lower() == "utf-8"
    click.echo(json.dumps(document, ensure_ascii=not utf8, indent=2))
