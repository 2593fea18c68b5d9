import json
import time

import pytest

from mock_sender.sign import sign
from receiver.inbox import Penned
from receiver.inbox.pen import write_pen
from tests.support.cli import receiver

SECRET = "the secret of this receiver"


@pytest.fixture
def pen(db):
    """A genuine request, a miscopied secret's and a stranger's, refused with a clock that was right."""
    timestamp = int(time.time())
    requests = [
        Penned(
            received_us=timestamp * 1_000_000 + number,
            reason="signature-mismatch",
            headers={
                "X-InboundFlow-Event": "call.completed",
                "X-InboundFlow-Delivery-Id": f"d-{number}",
                "X-InboundFlow-Timestamp": str(timestamp),
                "X-InboundFlow-Signature": sign(secret, timestamp, b"{}"),
            },
            body=b"{}",
        )
        for number, secret in enumerate((SECRET, f"{SECRET}\n", "a stranger's"))
    ]
    db.commit(lambda tx: write_pen(tx, "", requests))


def test_what_is_and_what_is_not_taken_in_is_listed_with_the_reason(db, pen, env):
    env = env | {"INBOUNDFLOW_SIGNING_SECRET": SECRET}

    ran = [receiver("recheck", *options, **env) for options in (["--dry-run"], [], ["--json"])]

    assert [one.returncode for one in ran] == [0, 0, 0]
    assert "1 would be taken in, 0 kept already, 2 left aside. Nothing was changed (--dry-run)." in ran[0].stdout
    rows = [" ".join(line.split()) for line in ran[1].stdout.splitlines()]
    assert [row.partition(" signature-mismatch ")[2][:38] for row in rows[1:4]] == [
        "taken in",
        "the secret has a space or a line end i",
        "no usual mistake explains it: a strang",
    ]
    assert rows[4] == "1 taken in, 0 kept already, 2 left aside."
    assert json.loads(ran[2].stdout)["left"] == 2
    assert all(SECRET not in one.stdout + one.stderr and "sha256=" not in one.stdout for one in ran)


def test_where_nothing_is_kept_aside_it_says_so(db, env):
    assert receiver("recheck", **env, INBOUNDFLOW_SIGNING_SECRET=SECRET).stdout == "Nothing is kept aside.\n"


def test_without_a_secret_it_does_nothing(db, pen, env):
    ran = receiver("recheck", **env, INBOUNDFLOW_ALLOW_UNSIGNED="1")

    assert (ran.returncode, ran.stderr[:47]) == (2, "receiver: INBOUNDFLOW_SIGNING_SECRET is not set")
