"""What is handed to systemd, Caddy and nginx, judged by their own programs."""

import re
import shutil
import subprocess

import pytest

from tests.conftest import lacking
from tests.processes import CHECKOUT

DEPLOY = CHECKOUT / "deploy"
UNITS = sorted(path.name for path in (DEPLOY / "systemd").iterdir())
# In tenths, by systemd-analyze's count; a unit that says nothing of the kind has 96. None may get worse.
EXPOSURE = {"web": 11, "worker": 12, "redis": 4, "backup": 4}


def program(name, package):
    if not shutil.which(name):
        lacking(f"{name} (on Debian: apt install {package})")
    return name


@pytest.fixture
def units(tmp_path):
    """The units with a command that is there, as systemd-analyze looks for it."""
    for name in UNITS:
        text = (DEPLOY / "systemd" / name).read_text()
        (tmp_path / name).write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", text, flags=re.MULTILINE))
    return tmp_path


def test_systemd_knows_every_word_of_the_units(units):
    """It says what it does not know, and exits with 0 all the same."""
    analyze = program("systemd-analyze", "systemd")

    ran = subprocess.run([analyze, "verify", *(units / name for name in UNITS)], capture_output=True, text=True)

    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_every_service_is_judged():
    assert {name for name in UNITS if name.endswith(".service")} == {f"inboundflow-{name}.service" for name in EXPOSURE}


@pytest.mark.parametrize(("name", "most"), EXPOSURE.items())
def test_a_service_may_do_no_more_than_it_must(units, name, most):
    analyze = program("systemd-analyze", "systemd")
    command = [analyze, "security", "--offline=true", f"--threshold={most}", "--no-pager"]

    ran = subprocess.run([*command, units / f"inboundflow-{name}.service"], capture_output=True, text=True)

    assert ran.returncode == 0, ran.stdout.splitlines()[-1]


def test_caddy_takes_its_file(tmp_path):
    command = [program("caddy", "caddy"), "validate", "--adapter", "caddyfile", "--config", DEPLOY / "Caddyfile"]
    env = {"HOME": str(tmp_path), "PATH": "/usr/bin"}

    ran = subprocess.run(command, capture_output=True, text=True, env=env)

    assert ran.returncode == 0, ran.stderr


def test_nginx_takes_its_file(tmp_path):
    """With a certificate of its own in the place of certbot's."""
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin") or program("nginx", "nginx")
    key, certificate = tmp_path / "privkey.pem", tmp_path / "fullchain.pem"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    subprocess.run(
        [*made, "-subj", "/CN=localhost", "-keyout", key, "-out", certificate], check=True, capture_output=True
    )
    site = (DEPLOY / "nginx.conf").read_text().replace("/etc/letsencrypt/live/calls.example.com", str(tmp_path))
    whole = f"pid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n{site}}}\n"
    (tmp_path / "nginx.conf").write_text(whole)

    ran = subprocess.run([nginx, "-t", "-c", tmp_path / "nginx.conf"], capture_output=True, text=True)

    assert ran.returncode == 0, ran.stderr
    assert "warn" not in ran.stderr


def test_the_proxies_lead_to_the_socket_and_take_as_much_as_the_receiver_does():
    """8000 and 1 MiB stand in several files."""
    socket = (DEPLOY / "systemd" / "inboundflow.socket").read_text()
    address = re.search(r"^ListenStream=(.+)$", socket, re.MULTILINE)[1]

    said = [(DEPLOY / name).read_text() for name in ("Caddyfile", "nginx.conf", "release.py")]

    assert [address in text for text in said] == [True] * 3
    assert ("client_max_body_size 1m;" in said[1], "max_size 1MiB" in said[0]) == (True, True)
