"""recipes/own-server.md, followed word for word on a machine that is thrown away."""

import json
import subprocess
import sys
import tomllib
from contextlib import contextmanager

import pytest

from benchmarks.deploys.traffic import Seen, tally
from tests.deploy.machine import is_possible, machine
from tests.deploy.pages import HEADINGS, commands, headings
from tests.support.processes import CHECKOUT

pytestmark = pytest.mark.timed

CHAPTERS = ["Upgrade and roll back", "Another port", "Back up and restore", "Take it off again"]
INBOX = "/var/lib/inboundflow/inbox.db"
# Caddy makes the certificate of "localhost" by itself: here its root takes the place of a public one.
TRUST = """
root=/var/lib/caddy/.local/share/caddy/pki/authorities/local/root.crt
for _ in $(seq 100); do curl --silent --insecure https://localhost/healthz && break; sleep 0.2; done
cp $root /usr/local/share/ca-certificates/caddy.crt
update-ca-certificates
"""
ADDRESS = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["urls"]["Repository"]
KEPT = f"sqlite3 {INBOX} 'SELECT key FROM deliveries'"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The machine when "Do it" is done."""
    if not is_possible():
        pytest.skip(
            "this machine does not let us mount and make namespaces (it takes root, and a kernel that allows it)"
        )
    place = tmp_path_factory.mktemp("server")
    (place / "disk").mkdir()
    published(place / "published")
    changes = {ADDRESS: f"file://{place}/published", "calls.example.com": "localhost"}
    page = commands("own-server", **changes)
    with machine(place / "disk") as booted:
        booted.page = page
        booted.repository = place / "published"
        for heading in ("Before you start", "The program", "Its settings", "Start it", "HTTPS"):
            for block in page[heading]:
                booted.must(block)
        booted.must(TRUST)
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


def send(server):
    server.must(server.page["Check that it works"][1].split("\n")[0].replace(" call ", " send call.completed "))


@contextmanager
def traffic(server):
    """Ten deliveries a second come through Caddy; what became of them stands in the list in the end."""
    secret = server.must("grep -oP \"SIGNING_SECRET='\\K[^']+\" /etc/inboundflow/environment").strip()
    command = f"{sys.executable} -m tests.deploy.sending https://localhost/webhooks/inboundflow {secret}"
    server.must(
        f"rm -f /run/enough /run/sending; cd {CHECKOUT}; {command} > /run/seen 2>&1 & "
        "until [ -e /run/sending ]; do sleep 0.1; done"
    )
    seen = []
    yield seen
    said = server.must(
        "sleep 1; touch /run/enough; until [ -s /run/seen ]; do sleep 0.1; done; sleep 0.5; cat /run/seen"
    )
    seen.extend(Seen(**one) for one in json.loads(said))


def web_of(release):
    return f"pgrep -f '/opt/inboundflow/releases/{release}/.venv/bin/python.* web$'"


def current(server):
    return server.must("basename $(readlink /opt/inboundflow/current)").strip()


def test_the_page_has_its_headings():
    assert [one for one in headings("own-server") if one not in CHAPTERS] == HEADINGS


def test_a_call_sent_as_the_page_says_is_kept_and_listed(server):
    _, listed, doctor = (server.must(block) for block in server.page["Check that it works"])

    assert len(keys(server)) == 4
    assert "Nothing needs your attention." in doctor
    assert listed.count("call.") + listed.count("lead.") + listed.count("appointment.") >= 4


def test_an_upgrade_and_the_way_back_fail_no_delivery(server):
    before = current(server)
    change(server, "README.md", "One more line.", "Say more")
    upgrade, back = server.page["Upgrade and roll back"]

    with traffic(server) as seen:
        server.must(upgrade)
        after = current(server)
        server.must(web_of(after))
        server.must(back)

    assert (after == before, current(server)) == (False, before)
    server.must(web_of(before))
    found = tally("upgrade", 2, seen, keys(server))
    assert (found.failed, found.lost, found.reasons) == (0, 0, {})
    assert found.sent > 20


def test_a_version_that_does_not_start_is_taken_back(server):
    before = current(server)
    change(server, "receiver/app/server.py", "raise SystemExit(1)", "Break it")

    code, said, _ = server.run(server.page["Upgrade and roll back"][0])

    assert (code, current(server)) == (1, before), said
    assert f"{before} runs again" in said
    server.must(web_of(before))
    send(server)
    server.must(f"cd {server.repository} && git -c user.name=t -c user.email=t@example.com revert --no-edit HEAD")


def test_what_was_acknowledged_before_the_backup_is_there_after_a_restore(server):
    """A run that was open then is taken as tried, as it may have been made since."""
    back_up, restore = server.page["Back up and restore"]
    server.must("inboundflow pause console.show")
    send(server)
    earlier = keys(server)
    server.must(back_up)
    server.must("inboundflow resume console.show")
    send(server)
    assert len(keys(server)) == len(earlier) + 1
    server.must("pkill -KILL -u inboundflow")

    server.must(restore)

    assert keys(server) == earlier
    attempts = server.must(f"sqlite3 {INBOX} \"SELECT state, attempts FROM runs WHERE state = 'pending'\"")
    assert attempts == "pending|1\n"
    assert (
        server.must("sqlite3 /var/lib/inboundflow/before-*.db 'SELECT count(*) FROM deliveries'")
        == f"{len(earlier) + 1}\n"
    )
    send(server)
    assert len(keys(server)) == len(earlier) + 1


def test_another_port_is_chosen_in_the_environment_file_and_proxy_and_upgrade_follow(server):
    server.must(server.page["Another port"][0])
    for block in server.page["HTTPS"]:
        server.must(block)
    change(server, "README.md", "Another line.", "Say more at another port")
    before = keys(server)

    send(server)
    server.must(server.page["Upgrade and roll back"][0])
    send(server)

    assert len(keys(server)) == len(before) + 2
    assert "127.0.0.1:8010" in server.must("ss -ltn")
    assert "127.0.0.1:8000" not in server.must("ss -ltn")
    server.must("curl --fail --silent http://127.0.0.1:8010/readyz")


def test_nginx_takes_caddys_place_as_the_page_says(server):
    """certbot's certificate is made by hand; the receiver listens at another port since the test before."""
    before = keys(server)
    server.must(
        "systemctl disable --now caddy; mkdir -p /etc/letsencrypt/live/localhost; cd /etc/letsencrypt/live/localhost; "
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost "
        "-addext subjectAltName=DNS:localhost -keyout privkey.pem -out fullchain.pem; "
        "cp fullchain.pem /usr/local/share/ca-certificates/nginx.crt; update-ca-certificates; nginx"
    )
    certificate, site = server.page["HTTPS with nginx instead"]
    server.must(
        "\n".join(line for line in certificate.split("\n") if "certbot" not in line)
        + site.replace("systemctl reload nginx", "nginx -s reload; sleep 1")
    )

    send(server)

    assert len(keys(server)) == len(before) + 1
    server.must("nginx -s stop")


def test_what_is_taken_off_leaves_the_data_until_that_is_deleted_too(server):
    program, data = server.page["Take it off again"]
    before = keys(server)

    server.must(program)

    running = server.run("ps -u inboundflow -o stat= | grep -v Z")[1]  # nobody on this machine reaps orphans that ended
    assert (running, keys(server)) == ("", before)
    assert server.must("ls /etc/systemd/system /opt /usr/local/bin | grep inboundflow || true") == ""
    server.must(data)
    left = "ls -d /etc/inboundflow /var/lib/inboundflow* 2>/dev/null || true; getent passwd inboundflow || true"
    assert server.must(left) == ""
