import pytest

from receiver.errors import NotFound, OperationError
from receiver.operations import (
    EVERYWHERE,
    add_person,
    people,
    person_named,
    person_with_email,
    remove_person,
    set_password,
    set_role,
    sign_in,
)
from receiver.operations.audit import Actor
from receiver.operations.people import person_of, role_at
from receiver.operations.sessions import find_session
from tests.support.cli import receiver

PASSWORD = "four words in a row"


def test_a_name_is_the_same_however_it_is_typed(db):
    add_person(db, "José  García", PASSWORD, "viewer", "acme")

    assert person_named(db, " josé garcía").name == "José García"
    with pytest.raises(OperationError, match="already"):
        add_person(db, "JOSÉ GARCÍA", PASSWORD, "owner", "bolt")
    assert person_named(db, "jose garcia") is None


@pytest.mark.parametrize(
    ("roles", "at_acme"),
    [
        ({}, ""),
        ({"bolt": "owner"}, ""),
        ({"acme": "viewer"}, "viewer"),
        ({EVERYWHERE: "operator"}, "operator"),
        ({EVERYWHERE: "operator", "acme": "viewer"}, "operator"),
        ({EVERYWHERE: "viewer", "acme": "owner"}, "owner"),
        ({"acme": "emperor"}, ""),
    ],
)
def test_of_two_roles_the_higher_counts(roles, at_acme):
    assert role_at(roles, "acme") == at_acme


@pytest.mark.parametrize(("name", "password", "role"), [("", PASSWORD, "owner"), ("x" * 41, PASSWORD, "owner"), ("Ana", "short", "owner"), ("Ana", PASSWORD, "emperor")])  # fmt: skip
def test_what_makes_no_sense_is_refused(db, name, password, role):
    with pytest.raises(OperationError):
        add_person(db, name, password, role, EVERYWHERE)
    assert people(db) == []


def test_a_session_ends_with_the_password_the_person_or_their_last_role(db):
    def session():
        person = person_named(db, "Ana")
        return sign_in(db, "Ana", person.mark, Actor(who="Ana"), sources=person.roles)

    def role(token):
        found = find_session(db, token, "another mark")
        return found and found.role_at("acme")

    add_person(db, "Ana", PASSWORD, "viewer", "acme")
    token = session()
    assert role(token) == "viewer"
    set_role(db, "Ana", "acme", "owner")
    assert role(token) == "owner"
    set_password(db, "Ana", PASSWORD + "!")
    assert role(token) is None

    token = session()
    set_role(db, "Ana", "acme", "")
    assert role(token) is None
    set_role(db, "Ana", "acme", "viewer")
    mark = person_named(db, "Ana").mark
    remove_person(db, "Ana")
    assert (role(token), person_of(db, mark), people(db)) == (None, None, [])
    with pytest.raises(NotFound, match="nobody called Ana"):
        set_role(db, "Ana", "acme", "owner")


def test_what_is_done_is_written_down_at_its_business_and_no_password_is_kept(db):
    add_person(db, "Ana", PASSWORD, "viewer", "acme", by=Actor(who="Olga"))
    set_role(db, "Ana", EVERYWHERE, "owner")

    rows = db.read("SELECT source, action, detail, who FROM audit ORDER BY id")
    assert [(row["source"], row["action"], row["who"]) for row in rows] == [
        ("acme", "person-add", "Olga"),
        ("", "person-role", ""),
    ]
    assert PASSWORD not in str([dict(row) for row in db.read("SELECT * FROM people")])


@pytest.mark.parametrize(
    "name", ["Ana", "", "@", "ana@", "ana@practice@es", "añа@practice.es", "a na@x", "x" * 250 + "@y.es"]
)
def test_who_comes_by_single_sign_on_has_an_address_as_name(db, name):
    with pytest.raises(OperationError, match="e-mail address"):
        add_person(db, name, None, "viewer", EVERYWHERE)
    assert people(db) == []


def test_only_who_was_added_for_single_sign_on_comes_by_it_and_they_have_no_password(db):
    add_person(db, "Ana@practice.es", None, "viewer", "acme")
    add_person(db, "olga@practice.es", PASSWORD, "owner", EVERYWHERE)

    found = [person_with_email(db, email) for email in ("ana@PRACTICE.es", "olga@practice.es", "eve@practice.es", " ")]
    assert [person and person.name for person in found] == ["Ana@practice.es", None, None, None]
    with pytest.raises(OperationError, match="no password"):
        set_password(db, "ana@practice.es", PASSWORD)
    first = person_named(db, "ana@practice.es").mark
    remove_person(db, "ana@practice.es")
    add_person(db, "ana@practice.es", None, "viewer", "acme")
    assert person_named(db, "ana@practice.es").mark != first


def test_the_command_adds_somebody_for_single_sign_on_without_asking_for_a_password(env, db):
    made = receiver("people", "add", "ana@practice.es", "--role", "viewer", "--sso", **env)
    oidc = {"OIDC_ISSUER": "https://id.example", "OIDC_CLIENT_ID": "us", "OIDC_CLIENT_SECRET": "a secret"}
    on = receiver("people", "add", "olga@practice.es", "--role", "viewer", "--sso", **env, **oidc)
    wrong = receiver("people", "add", "Ana", "--role", "viewer", "--sso", **env)

    assert [ran.returncode for ran in (made, on, wrong)] == [0, 0, 2]
    assert ("once the dashboard has OIDC_ISSUER" in made.stdout, on.stdout) == (
        True,
        "olga@practice.es comes by single sign-on.\n",
    )
    assert "e-mail address" in wrong.stderr
    assert "single sign-on" in receiver("people", "list", **env).stdout


def test_the_command_adds_lists_changes_and_removes(env, db):
    made = receiver("people", "add", "Ana", "--role", "viewer", typed=PASSWORD + "\n", **env)
    nowhere = receiver("people", "role", "Ana", "owner", "--source", "nobody", **env)
    changed = receiver("people", "role", "Ana", "operator", **env)
    listed = receiver("people", "list", **env)
    gone = receiver("people", "remove", "Ana", "--yes", **env)

    assert [ran.returncode for ran in (made, nowhere, changed, listed, gone)] == [0, 1, 0, 0, 0]
    assert "operator [*]" in listed.stdout
    assert "DASHBOARD_PASSWORD" in receiver("people", "list", **env).stdout
    assert PASSWORD not in made.stdout + made.stderr
