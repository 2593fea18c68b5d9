"""`python -m docs.pictures`: draw every picture anew, into this folder."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import docs.pictures
from mock_sender.destinations import Destinations

OUT = Path(__file__).resolve().parent


def main() -> None:
    for module in pkgutil.iter_modules(docs.pictures.__path__):
        drawing = importlib.import_module(f"docs.pictures.{module.name}") if module.name != "__main__" else None
        if hasattr(drawing, "render"):
            with Destinations() as world:
                drawing.render(world, OUT)


if __name__ == "__main__":
    main()
