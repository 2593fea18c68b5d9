"""Where the web process listens, and what proxies may say to it."""

import socket

import httpx
import pytest

from tests.support.cli import receiver
from tests.support.processes import free_port, listens, started, until
from tests.support.tools import lacking

SECRET = {"INBOUNDFLOW_SIGNING_SECRET": "x"}


@pytest.fixture
def place(tmp_path):
    return {"DATA_DIR": str(tmp_path), "PORT": str(free_port()), **SECRET}


@pytest.fixture
def ipv6():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        lacking("IPv6")


@pytest.mark.parametrize("command", ["web", "up"])
@pytest.mark.parametrize("host", ["::1", "[::1]", "::"])
def test_it_listens_at_an_ipv6_address(place, ipv6, tmp_path, command, host):
    url = f"http://[::1]:{place['PORT']}/healthz"
    with (
        (tmp_path / "out").open("w") as out,
        started("-m", "receiver", command, env=place | {"HOST": host}, stdout=out),
    ):
        until(lambda: answer(url), what="an answer")

    if command == "up":
        shown = "::" if host == "::" else "::1"
        assert f"http://[{shown}]:{place['PORT']}/webhooks/inboundflow" in (tmp_path / "out").read_text()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "0.0.0.0"])
def test_it_listens_at_an_ipv4_address_as_before(place, host):
    with started("-m", "receiver", "web", env=place | {"HOST": host}):
        until(lambda: answer(f"http://127.0.0.1:{place['PORT']}/healthz"), what="an answer")


@pytest.mark.parametrize("command", ["web", "up"])
@pytest.mark.parametrize("host", ["nonsense.invalid", "[::1", "203.0.113.7", "::1::1"])
def test_a_host_that_is_not_this_machines_is_said_in_a_sentence(place, command, host):
    refused = receiver(command, **place, HOST=host)

    assert (refused.returncode, refused.stdout, len(refused.stderr.splitlines())) == (2, "", 1)
    assert "HOST should be an address of this machine" in refused.stderr


@pytest.mark.parametrize("command", ["web", "up"])
def test_a_port_in_use_is_said_in_a_sentence(place, command):
    with socket.create_server(("127.0.0.1", int(place["PORT"]))):
        refused = receiver(command, **place)

    assert (refused.returncode, refused.stdout, len(refused.stderr.splitlines())) == (2, "", 1)
    assert f"for example PORT={int(place['PORT']) + 1}, or stop what uses this one" in refused.stderr


def test_a_web_process_waits_for_the_one_before_it_to_let_the_port_go(place):
    before = socket.create_server(("127.0.0.1", int(place["PORT"])))
    with started("-m", "receiver", "web", env=place):
        until(lambda: listens(int(place["PORT"])))
        before.close()

        until(lambda: answer(f"http://127.0.0.1:{place['PORT']}/healthz"), what="an answer")


PROXIES = [
    [("X-Forwarded-Proto", "https")],
    [("X-Forwarded-Proto", "https"), ("X-Forwarded-Protocol", "https")],
    [("X-Forwarded-Proto", "https"), ("X-Forwarded-Proto", "http")],
    [("X-Forwarded-Protocol", "ssl"), ("X-Forwarded-Ssl", "off")],
    [("X-Forwarded-Proto", "https,http"), ("X-Forwarded-Ssl", "on"), ("Forwarded", "proto=http")],
    [("X-Forwarded-For", "::1"), ("X-Forwarded-Host", "a.example"), ("X-Forwarded-Port", "x"), ("Via", "1.1 a")],
]


def test_no_header_of_a_proxy_refuses_anything(place):
    url = f"http://127.0.0.1:{place['PORT']}"
    with started("-m", "receiver", "web", env=place | {"FORWARDED_ALLOW_IPS": "*"}):
        until(lambda: answer(f"{url}/healthz"), what="an answer")

        statuses = [httpx.get(f"{url}/readyz", headers=headers).status_code for headers in PROXIES]

    assert statuses == [200] * len(PROXIES)


def answer(url):
    try:
        return httpx.get(url).status_code == 200
    except httpx.HTTPError:
        return False
