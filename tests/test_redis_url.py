"""REDIS_URL: what cannot be read is said at the start, in a sentence without a piece of it."""

import pytest

from receiver.errors import ConfigurationError
from receiver.queue import check, check_url
from receiver.settings import read
from tests.support.cli import receiver

SECRET = {"INBOUNDFLOW_SIGNING_SECRET": "x"}
UNREADABLE = [
    "127.0.0.1:6379",
    "https://host:6379",
    '"redis://host:6379"',
    "redis://:sEkr3t/pass@host:6379/0",
    "redis://:sEkr3t#pass@host:6379/0",
    "redis://:sEkr3t?pass@host:6379/0",
    "redis://:12345?pass@host:6379/0",
    "redis://:12345/pass@host:6379/0",
    "redis://:[sEkr3t@host:6379/0",
    "redis://host:99999999/0",
    "redis://host:6379/0?no_such_option=1",
]
READABLE = [
    "",
    "redis://host",
    "redis://user:p%2Fw%23@host:6379/1",
    "rediss://:pw@host:6380",
    "redis://[::1]:6379/0",
    "unix:///run/redis@1.sock?db=1",
    "rediss://host:6380/0?ssl_cert_reqs=none",
]


@pytest.mark.parametrize("url", UNREADABLE)
def test_a_url_that_cannot_be_read_is_refused_without_a_piece_of_it(url):
    settings = read({"REDIS_URL": url})

    with pytest.raises(ConfigurationError, match="REDIS_URL cannot be read") as refusal:
        check_url(settings)

    assert "sEkr3t" not in str(refusal.value)
    assert check(settings, timeout_s=0.1).startswith("REDIS_URL cannot be read")


@pytest.mark.parametrize("url", READABLE)
def test_a_url_that_can_be_read_is_taken(url):
    check_url(read({"REDIS_URL": url}))


@pytest.mark.parametrize("command", ["up", "web", "worker"])
@pytest.mark.parametrize("url", UNREADABLE[::3])
def test_no_process_starts_with_it(tmp_path, command, url):
    refused = receiver(command, DATA_DIR=str(tmp_path), REDIS_URL=url, **SECRET)

    assert (refused.returncode, refused.stdout, len(refused.stderr.splitlines())) == (2, "", 1)
    assert refused.stderr.startswith("receiver: REDIS_URL cannot be read.")


def test_doctor_says_the_same(tmp_path):
    text = receiver("doctor", DATA_DIR=str(tmp_path), REDIS_URL=UNREADABLE[3]).stdout

    assert "REDIS_URL cannot be read" in " ".join(text.split())
    assert "sEkr3t" not in text
