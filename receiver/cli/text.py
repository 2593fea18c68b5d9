"""What the commands print: tables for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click

from ..operations import table


def print_table(rows: Sequence[Sequence[str]]) -> None:
    for line in table(rows):
        click.echo(line)


def print_json(document: Mapping[str, Any]) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))
