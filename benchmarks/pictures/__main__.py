"""`python -m benchmarks.pictures`: draw every picture anew into docs/pictures."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import benchmarks.pictures
from mock_sender.destinations import Destinations

OUT = Path(__file__).resolve().parents[2] / "docs" / "pictures"


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    for module in pkgutil.iter_modules(benchmarks.pictures.__path__):
        drawing = importlib.import_module(f"benchmarks.pictures.{module.name}") if module.name != "__main__" else None
        if hasattr(drawing, "render"):
            with Destinations() as world:
                drawing.render(world, OUT)


if __name__ == "__main__":
    main()
