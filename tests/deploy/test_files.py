"""What is handed to systemd, Caddy, nginx and Apache, judged by their own programs."""

import importlib.util
import re
import shutil
import subprocess
import time
from contextlib import suppress

import httpx
import pytest

from mock_sender.sign import sign
from tests.support.browsing import PASSWORD
from tests.support.processes import CHECKOUT, free_port, started, until
from tests.support.tools import lacking

DEPLOY = CHECKOUT / "deploy"
SECRET = "a secret behind a proxy"
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
def certificate(tmp_path):
    """One of the test's own in the place of certbot's."""
    key, certificate = tmp_path / "privkey.pem", tmp_path / "fullchain.pem"
    openssl = program("openssl", "openssl")
    made = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    subprocess.run(
        [*made, "-subj", "/CN=calls.example.com", "-keyout", key, "-out", certificate], check=True, capture_output=True
    )


def site_of(name, tmp_path, ports):
    """The file as it is delivered, at ports that anybody may take."""
    site = (DEPLOY / name).read_text().replace("/etc/letsencrypt/live/calls.example.com", str(tmp_path))
    return site.replace("127.0.0.1:8000", f"127.0.0.1:{ports['8000']}")


def nginx(tmp_path, ports):
    path = shutil.which("nginx", path="/usr/sbin:/usr/bin") or program("nginx", "nginx")
    site = site_of("nginx.conf", tmp_path, ports).replace("listen 443", f"listen {ports['443']}")
    site = site.replace("listen [::]:443", f"listen [::1]:{ports['443']}")
    places = "".join(
        f"{what}_temp_path {tmp_path}/{what};\n" for what in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = f"pid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n{places}{site}}}\n"
    (tmp_path / "nginx.conf").write_text(whole)
    return [path, "-c", tmp_path / "nginx.conf"], ["-g", "daemon off; master_process off;"]


APACHE_MODULES = "mpm_event authz_core ssl headers rewrite proxy proxy_http"  # the first two are always there


def apache(tmp_path, ports):
    path = shutil.which("apache2", path="/usr/sbin:/usr/bin") or program("apache2", "apache2")
    site = site_of("apache.conf", tmp_path, ports).replace("*:443", f"*:{ports['443']}")
    needed = re.search(r"a2enmod (.+)", site)[1]
    assert APACHE_MODULES.endswith(needed)
    modules = [f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so" for name in APACHE_MODULES.split()]
    whole = [
        f"ServerRoot {tmp_path}",
        f"DefaultRuntimeDir {tmp_path}",
        f"PidFile {tmp_path}/pid",
        "ServerName localhost",
    ]
    whole += ["ErrorLog /dev/stderr", "User www-data", "Group www-data", f"Listen {ports['443']}", *modules, site]
    (tmp_path / "apache.conf").write_text("\n".join(whole) + "\n")
    return [path, "-f", tmp_path / "apache.conf"], ["-DFOREGROUND"]


@pytest.fixture(params=[nginx, apache], ids=["nginx", "apache"])
def front(request, tmp_path, certificate):
    """The command of the proxy with its file, the words that keep it in the foreground, and its ports."""
    ports = {"443": str(free_port()), "8000": str(free_port())}
    return *request.param(tmp_path, ports), ports


def test_a_proxy_takes_its_file(front):
    command, _, _ = front

    ran = subprocess.run([*command, "-t"], capture_output=True, text=True)

    assert ran.returncode == 0, ran.stderr
    assert "warn" not in ran.stderr


def test_a_proxy_passes_on_what_the_receiver_takes_and_answers_for_it_when_it_is_down(front, tmp_path):
    command, foreground, ports = front
    url = f"https://127.0.0.1:{ports['443']}"
    receiver = {
        "DATA_DIR": str(tmp_path / "data"), "PORT": ports["8000"], "INBOUNDFLOW_SIGNING_SECRET": SECRET,
        "DASHBOARD_PASSWORD": PASSWORD, "FORWARDED_HOPS": "1",
    }  # fmt: skip
    server = subprocess.Popen([*command, *foreground], stderr=subprocess.PIPE)
    try:
        with started("-m", "receiver", "up", env=receiver) as up:
            until(lambda: answer_of(url, "/readyz") == 200, what="the receiver behind the proxy", within_s=60)
            largest, larger = (b"{" + b" " * (1024 * 1024 - 2 + more) + b"}" for more in (0, 1))
            answers = [posted(url, body) for body in (b"{}", largest, larger)]
            signed_in = sign_in(url)
            up.terminate()
            up.wait(20)
        down = posted(url, b"{}")
    finally:
        server.terminate()
        server.communicate()

    assert (answers, signed_in, down in (502, 503)) == ([200, 200, 413], (303, True), True)


def sign_in(url):
    """The dashboard's answer to the right password, and whether its cookie is for https alone."""
    origin = "https://calls.example.com"  # what a browser asks for by name
    with httpx.Client(base_url=url, verify=False, headers={"Host": "calls.example.com", "Origin": origin}) as browser:
        token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/sign-in").text)[1]
        form = {"csrf_token": token, "name": "Ana", "password": PASSWORD}
        answer = browser.post("/sign-in", data=form, headers={"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Host": "evil"})
    return answer.status_code, "secure" in answer.headers.get("Set-Cookie", "").lower()


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

    caddy, nginx, apache = [(DEPLOY / name).read_text() for name in ("Caddyfile", "nginx.conf", "apache.conf")]

    assert f"reverse_proxy {address}\n" in caddy
    assert set(re.findall("proxy_pass (.+);", nginx)) == {f"http://{address}"}
    assert set(re.findall(r"ProxyPass \S+ http://([^/]+)/", apache)) == {address}
    assert all(
        (words in text)
        for words, text in [("client_max_body_size 1m;", nginx), ("max_size 1MiB", caddy), ("1048576", apache)]
    )


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
