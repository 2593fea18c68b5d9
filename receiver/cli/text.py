"""What the commands print: tables for people, JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from ..operations import table


def print_table(rows: Sequence[Sequence[str]]) -> None:
    for line in table(rows):
        click.echo(line)


def print_json(document: Mapping[str, Any]) -> None:
    """It is valid JSON in every locale."""
    utf8 = sys.stdout.encoding.lower() == "utf-8"
    click.echo(json.dumps(document, ensure_ascii=not utf8, indent=2))
