"""Who may use the dashboard, and as what: `receiver people list|add|role|password|remove`."""

from __future__ import annotations

import os

import click

from .. import operations
from .. import settings as environment
from ..locales import Texts
from ..operations import EVERYWHERE, ROLES, Person, moment
from .dashboard import read_password
from .jobs import USER
from .shared import as_json, confirm, the_inbox
from .text import echo, print_json, print_table

# fmt: off
TEXTS = Texts({
    "nobody":   ("Nobody has a name and password of their own: whoever has DASHBOARD_PASSWORD is the owner of "
                 "everything.",
                 "Nadie tiene nombre y contraseña propios: quien tiene DASHBOARD_PASSWORD es dueño de todo."),
    "name":     ("name", "nombre"),
    "roles":    ("role", "rol"),
    "made":     ("added (UTC)", "desde (UTC)"),
    "every":    ("every business", "todos los negocios"),
    "own":      ("this receiver's business", "el negocio de este receptor"),
    "added":    ("{name} signs in with this name and password.", "{name} entra con este nombre y esta contraseña."),
    "sso":      ("{name} comes by single sign-on.", "{name} entra con el inicio de sesión único."),
    "sso_off":  ("{name} comes by single sign-on, once the dashboard has OIDC_ISSUER, OIDC_CLIENT_ID and "
                 "OIDC_CLIENT_SECRET.",
                 "{name} entrará con el inicio de sesión único, cuando el panel tenga OIDC_ISSUER, OIDC_CLIENT_ID y "
                 "OIDC_CLIENT_SECRET."),
    "by":       ("signs in with", "entra con"),
    "a_password": ("password", "contraseña"),
    "a_provider": ("single sign-on", "inicio de sesión único"),
    "set":      ("{name}: {role}.", "{name}: {role}."),
    "none":     ("no role any more", "ya sin rol"),
    "password": ("{name} has another password, and is signed out.",
                 "{name} tiene otra contraseña, y su sesión se cerró."),
    "remove":   ("Remove {name}?", "¿Eliminar a {name}?"),
    "removes":  ("It removes them for good", "Elimina para siempre"),
    "removed":  ("{name} is removed, and signed out.", "{name} fue eliminado, y su sesión se cerró."),
})
# fmt: on

at_source = click.option(
    "--source", default=EVERYWHERE, metavar="NAME", help="At this one of several businesses, instead of all."
)


@click.group()
def people() -> None:
    """Give people a name and a password of their own at the dashboard, and a role.

    A viewer sees calls and how they arrived. An operator also calls back, sees numbers, sends again, pauses and
    resumes. An owner also sees settings and history, erases, and gives others a role.
    """


@people.command("list")
@as_json
def list_(as_json: bool) -> None:
    """List who there is, and their roles."""
    with the_inbox() as db:
        rows = operations.people(db)
    if as_json:
        return print_json({"people": [person.to_json() for person in rows]})
    heads = (TEXTS("name"), TEXTS("roles"), TEXTS("by"), TEXTS("made"))
    print_table(
        [heads, *((each.name, roles_of(each), way_of(each), moment(each.made_us)) for each in rows)] if rows else []
    )
    if not rows:
        echo(TEXTS("nobody"))


def roles_of(person: Person) -> str:
    return ", ".join(f"{role} [{source}]" if source else role for source, role in person.roles.items())


def way_of(person: Person) -> str:
    return TEXTS("a_provider" if person.is_sso else "a_password")


@people.command()
@click.argument("name")
@click.option(
    "--sso", is_flag=True, help="By single sign-on: NAME is their e-mail address, and no password is asked for."
)
@click.option("--role", type=click.Choice(ROLES), required=True)
@at_source
def add(name: str, sso: bool, role: str, source: str) -> None:
    """Add somebody. Asks for their password twice, or reads one from a pipe."""
    password = None if sso else read_password()
    with the_inbox() as db:
        check_source(db, source)
        person = operations.add_person(db, name, password, role, source, by=USER)
    is_on = environment.read(os.environ).single_sign_on is not None
    echo(TEXTS("added" if not sso else "sso" if is_on else "sso_off", name=person.name))


@people.command()
@click.argument("name")
@click.argument("role", type=click.Choice((*ROLES, "none")))
@at_source
def role(name: str, role: str, source: str) -> None:
    """Give somebody a role; `none` takes it away."""
    with the_inbox() as db:
        check_source(db, source)
        operations.set_role(db, name, source, "" if role == "none" else role, by=USER)
    echo(TEXTS("set", name=name, role=TEXTS("none") if role == "none" else role))


@people.command("password")
@click.argument("name")
def password_(name: str) -> None:
    """Give somebody another password. Asks for it twice, or reads it from a pipe."""
    password = read_password()
    with the_inbox() as db:
        operations.set_password(db, name, password, by=USER)
    echo(TEXTS("password", name=name))


@people.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask back.")
def remove(name: str, yes: bool) -> None:
    """Remove somebody. What they did stays in the history."""
    confirm(TEXTS("remove", name=name), TEXTS("removes"), yes)
    with the_inbox() as db:
        operations.remove_person(db, name, by=USER)
    echo(TEXTS("removed", name=name))


def check_source(db: operations.Database, source: str) -> None:
    """Raises NotFound where there is no such business."""
    if source not in (EVERYWHERE, ""):
        operations.the_source(db, source)
