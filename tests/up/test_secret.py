"""The secret that a first start makes, and whom it is shown to."""

import os
import pty
import selectors
import stat
import subprocess

import pytest

from tests.support.processes import (
    is_ready,
    started,
    until,
)
from tests.support.up import UP


def test_the_first_start_makes_a_secret_for_this_user_alone_and_keeps_it(place):
    secrets = []
    for _ in range(2):
        with started(*UP, env=place, stdout=subprocess.PIPE, text=True) as up:
            until(lambda: is_ready(int(place["PORT"])))
            path = f"{place['DATA_DIR']}/signing_secret"
            with open(path) as file:
                secrets.append(file.read().strip())
            up.terminate()
            said = up.stdout.read()
            up.wait(10)
        assert path in said
        assert secrets[0] not in said

    assert secrets[0] == secrets[1]
    assert len(secrets[0]) > 30
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ("a-new-secret-of-somebody", None),
        ("the-secret-before-this-one", "holds the secret before: when the change is over, put the new one into it."),
        ("another-secret-altogether", "holds another secret, which a start without the variable would use"),
    ],
)
def test_a_secret_in_the_file_that_is_not_the_one_in_use_is_told(place, made, said):
    os.makedirs(place["DATA_DIR"], exist_ok=True)
    with open(f"{place['DATA_DIR']}/signing_secret", "w") as file:
        file.write(made + "\n")
    secrets = {
        "INBOUNDFLOW_SIGNING_SECRET": "a-new-secret-of-somebody",
        "INBOUNDFLOW_SIGNING_SECRET_PREVIOUS": "the-secret-before-this-one",
    }
    with started(*UP, env=place | secrets, stdout=subprocess.PIPE, text=True) as up:
        until(lambda: is_ready(int(place["PORT"])))
        up.terminate()
        shown = up.stdout.read()
        up.wait(10)

    assert ("signing_secret holds" in shown) == bool(said)
    assert said is None or said in shown
    assert made not in shown


def test_a_terminal_is_shown_the_new_secret_once(place):
    said = []
    for _ in range(2):
        leader, follower = pty.openpty()
        with started(*UP, env=place, stdout=follower) as up:
            until(lambda: is_ready(int(place["PORT"])))
            said.append(read_all(leader))
            up.terminate()  # after SIGKILL its web process would still answer what it has, and keep the port meanwhile
            assert up.wait(10) == 0
        os.close(leader)
        os.close(follower)

    with open(f"{place['DATA_DIR']}/signing_secret") as file:
        secret = file.read().strip()
    assert [secret in text for text in said] == [True, False]


def read_all(descriptor):
    text = b""
    waiting = selectors.DefaultSelector()
    waiting.register(descriptor, selectors.EVENT_READ)
    while waiting.select(0.2):
        text += os.read(descriptor, 65536)
    waiting.close()
    return text.decode()
