import logging

import httpcore
import pytest

from receiver.errors import ConfigurationError, GiveUp, RetryLater
from receiver.toolkit.addresses import allowed_hosts, check_url, is_public, masked
from receiver.toolkit.connections import PRIVATE_TRIES, GuardedBackend
from receiver.toolkit.http import send

ADDRESSES = [
    ("8.8.8.8", True), ("2606:4700:4700::1111", True), ("::ffff:8.8.8.8", True),
    ("127.0.0.1", False), ("127.255.0.9", False), ("::1", False),
    ("10.0.0.1", False), ("172.16.0.1", False), ("192.168.1.1", False), ("fc00::1", False), ("fd12::1", False),
    ("169.254.169.254", False), ("fe80::1", False), ("fe80::1%eth0", False), ("fec0::1", False),
    ("100.64.0.1", False), ("192.0.0.1", False), ("198.18.0.1", False), ("240.0.0.1", False),
    ("0.0.0.0", False), ("::", False), ("255.255.255.255", False), ("224.0.0.1", False), ("ff02::1", False),
    ("64:ff9b::7f00:1", False), ("64:ff9b:1::7f00:1", False), ("2002:7f00:1::", False), ("2001::7f00:1", False),
    ("::ffff:127.0.0.1", False), ("::ffff:10.0.0.1", False), ("::127.0.0.1", False), ("::ffff:0:127.0.0.1", False),
    ("192.88.99.1", False), ("2001:db8::1", False), ("3fff::1", False), ("5f00::1", False),
]  # fmt: skip


@pytest.mark.parametrize(("address", "public"), ADDRESSES)
def test_an_address_is_public_or_it_is_not(address, public):
    assert is_public(address) is public


class Net:
    """A resolver that answers differently each time, and a network that notes who is connected to."""

    def __init__(self, *answers, dead=()):
        self.answers = list(answers)
        self.dead = dead
        self.dialled = []

    def resolve(self, host, port):
        return self.answers.pop(0)

    def dial(self, address, port, *args, **options):
        self.dialled.append(address)
        if address in self.dead:
            raise httpcore.ConnectError("refused")
        return httpcore.MockStream([])


def connect(net, *, allowed=()):
    GuardedBackend(frozenset(allowed), resolve=net.resolve, dial=net.dial).connect_tcp("evil.example", 443)


def test_a_name_that_is_public_first_and_private_at_the_next_look_is_looked_up_once():
    net = Net(["8.8.8.8"], ["127.0.0.1"])

    connect(net)

    assert (net.dialled, net.answers) == (["8.8.8.8"], [["127.0.0.1"]])


def test_of_several_addresses_the_private_ones_are_left_out_and_the_others_tried_in_turn():
    net = Net(["10.0.0.1", "8.8.8.8", "::1", "9.9.9.9"], dead=["8.8.8.8"])

    connect(net)

    assert net.dialled == ["8.8.8.8", "9.9.9.9"]


def test_a_private_address_is_not_dialled_and_noted_without_the_url(caplog):
    net = Net(["127.0.0.1"])

    with pytest.raises(RetryLater, match="FORWARD_ALLOW_HOSTS") as refused:
        connect(net)

    assert (net.dialled, refused.value.tries) == ([], PRIVATE_TRIES)
    [record] = [r for r in caplog.records if r.levelno == logging.WARNING]
    assert "security" in record.getMessage()
    assert "evil" not in record.getMessage()


def test_a_host_is_allowed_with_its_port_only():
    net = Net(["10.0.0.1"], ["10.0.0.1"])

    connect(net, allowed=["evil.example:443"])
    with pytest.raises(RetryLater, match="private address"):
        connect(net, allowed=["evil.example:80"])

    assert net.dialled == ["10.0.0.1"]


HOSTS = [
    "127.0.0.1", "localhost", "127.1", "0x7f.1", "2130706433", "0177.0.0.1", "0", "[::1]", "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]", "[::127.0.0.1]", "169.254.169.254", "10.0.0.1", "100.64.0.1", "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]", "[fe80::1]", "224.0.0.1", "LOCALHOST",
]  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
def test_a_private_host_is_refused_however_it_is_written(host):
    with pytest.raises(GiveUp, match=r"FORWARD_ALLOW_HOSTS|the URL cannot be used"):
        send("POST", f"https://{host}:9/x", allowed=frozenset())


USABLE = ["https://a.example", "https://a.example:8443/x?y=z#f", "https://ü.example/x", "http://n8n:5678/x",
          "HTTP://N8N:5678/x", "http://[fd00::5]:80/x", "http://[FD00::5]/x", "https://10.0.0.1/"]  # fmt: skip


@pytest.mark.parametrize("url", USABLE)
def test_a_url_that_can_be_used_is_let_through(url):
    check_url(url, "FORWARD_URL", allowed_hosts("n8n:5678, [FD00::5]:80"))


UNUSABLE = [
    "a.example/hook", "ftp://a.example/hook", "http://a.example/hook", "http://n8n/hook", "http://n8n:5679/hook",
    "https://hook@a.example", "https://u:hook@a.example", "https://:hook@a.example/", "https://", "https:///hook",
    "https://a.example:99999/hook", "https://a.example:0/hook", "https://a.example:x/hook", "https://[hook/",
    "https://a b/hook", "https://a.example/hook\x00", "https://a.example/hook\udc80", "//a.example/hook", "file:///hook",
]  # fmt: skip


@pytest.mark.parametrize("url", UNUSABLE)
def test_a_url_that_cannot_is_refused_with_a_sentence_that_does_not_hold_it(url):
    with pytest.raises(ConfigurationError, match="FORWARD_URL") as refused:
        check_url(url, "FORWARD_URL", allowed_hosts("n8n:5678"))

    assert not any(piece in str(refused.value) for piece in ("hook", "a.example", "n8n"))


SHOWN = [
    ("https://hooks.zapier.com/hooks/catch/1234567/s3cr3ta1b2", "https://hooks.zapier.com/…a1b2"),
    ("http://n8n:5678/webhook/5f3a9c01", "http://n8n:5678/…9c01"),
    ("https://user:pass@a.example/hooks/secret/e5f6", "https://a.example/…e5f6"),
    ("https://a.example/a1b2c3", "https://a.example/…"),
    ("https://a.example", "https://a.example/…"),
    ("https://a.example:x/secret", "…"),
]


@pytest.mark.parametrize(("url", "shown"), SHOWN)
def test_of_a_url_no_more_is_shown_than_its_host_and_its_end(url, shown):
    assert masked(url) == shown
