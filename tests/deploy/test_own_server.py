"""recipes/own-server.md, followed word for word on a machine that is thrown away."""

import subprocess

import pytest

from tests.conftest import lacking
from tests.deploy.machine import is_possible, machine
from tests.deploy.pages import HEADINGS, commands, headings
from tests.processes import CHECKOUT

pytestmark = pytest.mark.alone

CHAPTERS = ["Upgrade and roll back", "Back up and restore"]
INBOX = "/var/lib/inboundflow/inbox.db"
KEPT = f"sqlite3 {INBOX} 'SELECT key FROM deliveries'"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The machine when "Do it" is done."""
    if not is_possible():
        lacking("the right to mount and to make namespaces (root)")
    place = tmp_path_factory.mktemp("server")
    (place / "disk").mkdir()
    published(place / "published")
    changes = {"<this repository>": f"file://{place}/published", "calls.example.com": "localhost"}
    page = commands("own-server", **changes)
    with machine(place / "disk") as booted:
        booted.page = page
        booted.repository = place / "published"
        for heading in ("Before you start", "The program", "Its settings", "Start it", "HTTPS"):
            for block in page[heading]:
                booted.must(block)
        yield booted


def published(path):
    """This checkout as it stands, in a repository of its own."""
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", path], check=True)
    git = ["git", "-C", path, "-c", "user.name=t", "-c", "user.email=t@example.com"]
    subprocess.run(["git", "--git-dir", path / ".git", "--work-tree", CHECKOUT, "add", "--all"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "As it stands"], check=True)
    subprocess.run([*git, "reset", "--quiet", "--hard"], check=True)


def change(server, file, text, message):
    """A commit at the repository that the server pulls from."""
    server.must(
        f"cd {server.repository} && cat >> {file} <<'END'\n{text}\nEND\n"
        f"git -c user.name=t -c user.email=t@example.com commit --quiet --all --message '{message}'"
    )


def keys(server):
    return set(server.must(KEPT).split())


def send(server, count=1):
    for _ in range(count):
        server.must(server.page["Check that it works"][1].replace(" call ", " send call.completed "))


def test_the_page_has_its_headings():
    assert [one for one in headings("own-server") if one not in CHAPTERS] == HEADINGS


def test_a_call_sent_as_the_page_says_is_kept_and_listed(server):
    for block in server.page["Check that it works"]:
        said = server.must(block)

    assert len(keys(server)) == 4
    assert said.count("call.") + said.count("lead.") + said.count("appointment.") >= 4
