"""Where no address is given and there is no connection, the receiver on this machine gets it."""

import json
from urllib.parse import urlsplit

import pytest

from mock_sender.cli import nearby
from tests.support.sender import a_receiver, mock_sender, say


@pytest.mark.parametrize(
    ("variables", "url"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"PORT": "10000", "HOST": "0.0.0.0"}, "http://127.0.0.1:10000"),
        ({"HOST": "::1", "PORT": " 9000 "}, "http://[::1]:9000"),
        ({"HOST": "[::]"}, "http://127.0.0.1:8000"),
        ({"HOST": "10.0.0.7"}, "http://10.0.0.7:8000"),
    ],
)
def test_its_address_is_made_of_the_variables_that_it_reads(variables, url):
    assert nearby.url(variables) == f"{url}/webhooks/inboundflow"


@pytest.mark.parametrize("secret", ["in-a-variable", "in-a-file"])
def test_a_call_without_an_address_goes_there_signed_as_it_expects(secret, tmp_path):
    (tmp_path / "signing_secret").write_text("from-the-first-start\n")
    with a_receiver(say(200, b'{"status": "stored"}')) as receiver:
        variables = {
            "PORT": str(urlsplit(receiver.url).port),
            "DATA_DIR": str(tmp_path),
            "MOCK_SENDER_DB": str(tmp_path / "none.db"),
        } | ({"INBOUNDFLOW_SIGNING_SECRET": "a-variable"} if secret == "in-a-variable" else {})
        ran = mock_sender("call", "--json", **variables)

    assert ran.returncode == 0, ran.stderr
    assert [json.loads(line)["said"] for line in ran.stdout.splitlines()] == ["stored"] * 4
    assert all("X-InboundFlow-Signature" in headers for headers, _ in receiver.seen)
    assert f":{variables['PORT']}/webhooks/inboundflow" in ran.stderr
    assert ("signing_secret" in ran.stderr) == (secret == "in-a-file")


def test_where_a_connection_was_made_it_goes_there_and_counts(account, receiver):
    account("connect", receiver.url, "--secret", "s")

    ran = account("send", "lead.created")

    assert ran.returncode == 0
    assert "on this machine" not in ran.stderr
    assert len(receiver.seen) == 1
