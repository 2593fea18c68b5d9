"""What is handed to systemd, Caddy and nginx, judged by their own programs."""

import importlib.util
import re
import shutil
import subprocess
import time
from contextlib import suppress

import httpx
import pytest

from mock_sender.sign import sign
from tests.support.processes import CHECKOUT, free_port, started, until
from tests.support.tools import lacking

DEPLOY = CHECKOUT / "deploy"
SECRET = "a secret behind nginx"
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


@pytest.fixture
def nginx(tmp_path):
    """Its file, with a certificate of its own in the place of certbot's, at ports that anybody may take."""
    path = shutil.which("nginx", path="/usr/sbin:/usr/bin") or program("nginx", "nginx")
    key, certificate = tmp_path / "privkey.pem", tmp_path / "fullchain.pem"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    subprocess.run(
        [*made, "-subj", "/CN=calls.example.com", "-keyout", key, "-out", certificate], check=True, capture_output=True
    )
    site = (DEPLOY / "nginx.conf").read_text().replace("/etc/letsencrypt/live/calls.example.com", str(tmp_path))
    ports = {"443": str(free_port()), "8000": str(free_port())}
    site = site.replace("listen 443", f"listen {ports['443']}").replace(
        "listen [::]:443", f"listen [::1]:{ports['443']}"
    )
    site = site.replace("127.0.0.1:8000", f"127.0.0.1:{ports['8000']}")
    places = "".join(
        f"{what}_temp_path {tmp_path}/{what};\n" for what in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = f"pid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n{places}{site}}}\n"
    (tmp_path / "nginx.conf").write_text(whole)
    return [path, "-c", tmp_path / "nginx.conf"], ports


def test_nginx_takes_its_file(nginx):
    command, _ = nginx

    ran = subprocess.run([*command, "-t"], capture_output=True, text=True)

    assert ran.returncode == 0, ran.stderr
    assert "warn" not in ran.stderr


def test_nginx_passes_on_what_the_receiver_takes_and_answers_for_it_when_it_is_down(nginx, tmp_path):
    command, ports = nginx
    url = f"https://127.0.0.1:{ports['443']}"
    receiver = {"DATA_DIR": str(tmp_path / "data"), "PORT": ports["8000"], "INBOUNDFLOW_SIGNING_SECRET": SECRET}
    front = subprocess.Popen([*command, "-g", "daemon off; master_process off;"], stderr=subprocess.PIPE)
    try:
        with started("-m", "receiver", "up", env=receiver) as up:
            until(lambda: answer_of(url, "/readyz") == 200, what="the receiver behind nginx", within_s=60)
            largest, larger = (b"{" + b" " * (1024 * 1024 - 2 + more) + b"}" for more in (0, 1))
            answers = [posted(url, body) for body in (b"{}", largest, larger)]
            up.terminate()
            up.wait(20)
        down = posted(url, b"{}")
    finally:
        front.kill()
        front.communicate()

    assert (answers, down) == ([200, 200, 413], 502)


def posted(url, body):
    at = str(int(time.time()))
    headers = {"X-InboundFlow-Timestamp": at, "X-InboundFlow-Signature": sign(SECRET, int(at), body)}
    return httpx.post(f"{url}/webhooks/inboundflow", content=body, headers=headers, verify=False).status_code


def answer_of(url, path):
    with suppress(httpx.HTTPError):
        return httpx.get(url + path, verify=False, timeout=2).status_code
    return None


def test_the_proxies_lead_to_the_socket_and_take_as_much_as_the_receiver_does():
    """8000 and 1 MiB stand in several files."""
    socket = (DEPLOY / "systemd" / "inboundflow.socket").read_text()
    address = re.search(r"^ListenStream=(.+)$", socket, re.MULTILINE)[1]

    caddy, nginx = [(DEPLOY / name).read_text() for name in ("Caddyfile", "nginx.conf")]

    assert (f"reverse_proxy {address}\n" in caddy, set(re.findall("proxy_pass (.+);", nginx))) == (
        True, {f"http://{address}"},
    )  # fmt: skip
    assert ("client_max_body_size 1m;" in nginx, "max_size 1MiB" in caddy) == (True, True)


@pytest.fixture
def release(tmp_path):
    """deploy/release.py, at folders of the test's own; systemd is not told."""
    spec = importlib.util.spec_from_file_location("release", DEPLOY / "release.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.UNITS, module.ENVIRONMENT, module.CURRENT = (tmp_path / name for name in ("units", "environment", "current"))
    module.UNITS.mkdir()
    module.run = lambda *command, **env: None
    return module


@pytest.mark.parametrize(
    ("line", "port"),
    [("PORT='8010'", "8010"), ('PORT="8010"', "8010"), ("PORT=8010\nPORT=8011", "8011"), ("#PORT='8010'", "8000")],
)
def test_the_socket_gets_the_port_of_the_environment_file_and_keeps_it(release, line, port):
    release.ENVIRONMENT.write_text(f"A='1'\n{line}\nB='2'\n")

    release.switch(CHECKOUT, release.wanted_port())
    release.ENVIRONMENT.write_text("PORT='1'\n")
    release.switch(CHECKOUT)

    assert release.address() == f"http://127.0.0.1:{port}/readyz"
    assert f"\nListenStream=127.0.0.1:{port}\n" in (release.UNITS / "inboundflow.socket").read_text()


@pytest.mark.parametrize("port", ["", "80 80", "0", "65536", "http"])
def test_what_is_no_port_is_refused_by_name(release, port):
    release.ENVIRONMENT.write_text(f"PORT='{port}'\n")

    with pytest.raises(SystemExit, match=r"PORT in .* write a number from 1 to 65535"):
        release.wanted_port()
