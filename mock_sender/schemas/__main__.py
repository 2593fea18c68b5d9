"""`python -m mock_sender.schemas --out DIR`: writes the schemas, the OpenAPI document and the examples."""

from __future__ import annotations

from pathlib import Path

import click

from . import files


@click.command()
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), default=Path(__file__).parent, help="The folder [here]."
)
def write(out: Path) -> None:
    """Write the schemas, the OpenAPI document and the examples."""
    for name, text in files().items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        click.echo(path)


if __name__ == "__main__":
    write()
