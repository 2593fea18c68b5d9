"""The command that begins something new: a handler."""

from __future__ import annotations

from pathlib import Path

import click

from .. import scaffold


@click.group()
def new() -> None:
    """Begin something new. `receiver new handler NAME` makes a handler, its test and its recipe."""


@new.command()
@click.argument("name")
@click.option("--title", default="", metavar="TEXT", help="What people call it: Zoho CRM.")
@click.option("--package", is_flag=True, help="As a package of its own, in the folder you stand in.")
def handler(name: str, title: str, package: bool) -> None:
    """Make a handler NAME, its test with a played destination, and its recipe in English and Spanish.

    They pass all checks as they are, and speak to a CRM that can search and has no upsert: edit what yours does
    otherwise. It works in a checkout of the receiver; with --package it makes a plug-in anywhere.
    """
    make = scaffold.make_package if package else scaffold.make_handler
    made = make(name, title, Path.cwd())
    for path in made.files:
        click.echo(f"made {path.relative_to(Path.cwd())}")
    click.echo("Then:")
    for command in made.then:
        click.echo(f"  {command}")
