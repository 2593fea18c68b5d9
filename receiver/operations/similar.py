"""What somebody meant who wrote a name shorter than it is, or mistyped it."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from ..locales import Text, Texts, joined
from ..registry import Activation
from .lanes import place_of

ALIKE = 0.6  # of 1, as a shell's own suggestions have it
# fmt: off
TEXTS = Texts({
    "meant": (" Did you mean {name}?", " ¿Quisiste decir {name}?"),
    "or": (" or ", " o "),
})
# fmt: on


def handler_named(name: str, handlers: Iterable[str]) -> str:
    """The handler that is meant: `slack.post` by `slack`, `google_sheets.append_row` by `sheets` or `Google Sheets`.

    The name as it is where it is a handler's own, or could mean several, or none.
    """
    names = sorted({*handlers})
    word = name.strip().lower()
    if word in names:
        return word
    by_module = [each for each in names if word in (module_of(each), place_of(each).lower())]
    by_word = [each for each in names if word in module_of(each).split("_")]
    return next((matches[0] for matches in (by_module, by_word) if len(matches) == 1), name)


def handler_among(activations: Iterable[Activation], name: str) -> str:
    """The same, of those that there are."""
    return handler_named(name, (activation.handler.name for activation in activations))


def module_of(handler: str) -> str:
    return handler.partition(".")[0]


def did_you_mean(name: str, names: Iterable[str]) -> Text | str:
    """A sentence to be put behind another one, or "" where nothing is like it."""
    known = sorted({*names})
    short = {module_of(each): each for each in known}
    word = name.lower()
    close = get_close_matches(word, [*known, *short], 3, ALIKE)
    if "." in word:  # a handler's function is called alike in several files
        close = [each for each in close if get_close_matches(module_of(word), [module_of(each)], 1, ALIKE)]
    meant = list(dict.fromkeys(short.get(each, each) for each in close))
    return TEXTS("meant", name=joined(TEXTS("or"), meant)) if meant else ""
