"""Makes the files of a new handler, in a checkout or as a package of its own."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import OperationError

FILES = Path(__file__).resolve().parent / "files"
NAME = re.compile(r"[a-z][a-z0-9_]{1,19}")
TITLE = re.compile(r"[^\"'\\{}\x00-\x1f]{0,40}")
OF_A_CHECKOUT = ("handlers/__init__.py", "bin/bootstrap.py", "tests/conftest.py", "recipes/es", "pyproject.toml")


class CannotMake(OperationError):
    """Nothing was made; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """The files that were made, and the commands to run next."""

    files: tuple[Path, ...]
    then: tuple[str, ...]


def make_handler(name: str, title: str, checkout: Path) -> Made:
    """A handler in this checkout, its test, and its recipe in both languages. Raises CannotMake."""
    check(name, title)
    if not all((checkout / path).exists() for path in OF_A_CHECKOUT):
        raise CannotMake(
            f"{checkout} is no checkout of the receiver, so there is no folder for a handler and its test. "
            "Go to the folder that you cloned, or make a package of its own, anywhere: --package."
        )
    page = name.replace("_", "-")
    files = {
        f"handlers/{name}.py": written("handler.py.txt", name, title),
        f"tests/handlers/test_{name}.py": written("test_handler.py.txt", name, title),
        f"recipes/{page}.md": written("recipe.md", name, title),
        f"recipes/es/{page}.md": written("recipe.es.md", name, title),
    }
    if (checkout / "handlers" / name).exists():
        raise CannotMake(f"There is a handler {name} already: choose another name.")
    then = (
        ".venv/bin/cog -r README.md README.es.md",
        f"./bin/test tests/handlers/test_{name}.py tests/handlers/test_recipes.py tests/test_recipes_parity.py",
    )
    return Made(files=put(checkout, files), then=then)


def make_package(name: str, title: str, folder: Path) -> Made:
    """A plug-in: a package with the handler, its test and its pages, in a new folder of `folder`. Raises CannotMake."""
    check(name, title)
    package = f"inboundflow_{name}"
    project = package.replace("_", "-")
    files = {
        "pyproject.toml": written("pyproject.toml.txt", name, title).replace(f"inboundflow-{name}", project),
        f"{package}/__init__.py": in_package(written("handler.py.txt", name, title), name),
        f"{package}/py.typed": "",
        f"tests/test_{name}.py": in_package(written("test_handler.py.txt", name, title), name),
        "README.md": alone(written("recipe.md", name, title)),
        "README.es.md": alone(written("recipe.es.md", name, title)),
    }
    then = (
        f"python -m pip install -e ./{project}    # with the receiver's Python, such as .venv/bin/python",
        f"python -m pytest {project}    # it needs pytest too",
    )
    return Made(files=put(folder / project, files), then=then)


def check(name: str, title: str) -> None:
    if not NAME.fullmatch(name) or keyword.iskeyword(name) or name in ("test", "receiver"):
        raise CannotMake(
            f"{name[:40]} cannot be a handler's name: it is a module's, and its variables begin with it. "
            "Write up to 20 small letters, digits and _, such as acme or zoho_crm."
        )
    if not TITLE.fullmatch(title):
        raise CannotMake("A title is up to 40 letters, without quotes and braces: it stands in code and in pages.")


def title_of(name: str) -> str:
    return name.replace("_", " ").title()


def written(file: str, name: str, title: str) -> str:
    """A file of `files/`, which speaks of Acme, for this name."""
    text = (FILES / file).read_text("utf-8")
    text = text.replace("recipes/acme.md", f"recipes/{name.replace('_', '-')}.md")
    for acme, ours in (("ACME", name.upper()), ("Acme", title or title_of(name)), ("acme", name)):
        text = text.replace(acme, ours)
    return text


def alone(page: str) -> str:
    """Without the lines that lead to a page beside it."""
    return "".join(line for line in page.splitlines(keepends=True) if "](recover-" not in line)


def in_package(text: str, name: str) -> str:
    return text.replace(f"handlers.{name} ", f"inboundflow_{name} ").replace(
        f"recipes/{name.replace('_', '-')}.md", "README.md"
    )


def put(root: Path, files: Mapping[str, str]) -> tuple[Path, ...]:
    """Write all of them, or none where one is there already."""
    paths = {root / path: text for path, text in files.items()}
    if there := sorted(str(path) for path in paths if path.exists()):
        raise CannotMake(f"{there[0]} is there already, so nothing was made: choose another name, or remove it.")
    for path, text in paths.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return tuple(paths)
