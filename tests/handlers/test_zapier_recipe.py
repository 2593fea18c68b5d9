"""The code steps in recipes/zapier.md run as they stand there."""

import hashlib
import hmac
import json
import re
import shutil
import subprocess
import time

import pytest

from handlers.zapier import forward
from tests.support.processes import CHECKOUT
from tests.support.tools import a_run, lead

NAME = "zapier.forward"


def blocks(language):
    """The code of this language in the recipe."""
    return re.findall(rf"```{language}\n(.+?)```", (CHECKOUT / "recipes" / "zapier.md").read_text(), re.DOTALL)


def code_step(world):
    """What Zapier hands to a Code step behind a Catch Raw Hook."""
    event = lead(interest="María José 😀 \udc80")
    forward(event, a_run(NAME, world.automation_env, event))
    [received] = world.zapier.received
    signature = received["headers"]["x-inboundflow-forward-signature"]
    return {"body": received["body"].decode(), "signature": signature, "secret": "zapier-secret"}


def in_python(given):
    names = {"input_data": given}
    exec(blocks("python")[0], names)
    return names["output"]["delivery_id"]


def in_javascript(given, step=0):
    code = f"const inputData = {json.dumps(given)}; console.log((() => {{ {blocks('js')[step]} }})().delivery_id)"
    ran = subprocess.run([shutil.which("node"), "-e", code], capture_output=True, text=True)
    if ran.returncode:
        raise ValueError(ran.stderr)
    return ran.stdout.strip()


@pytest.mark.parametrize("run_step", [in_python, in_javascript])
def test_the_recipes_code_takes_what_is_signed_and_nothing_else(world, run_step):
    if run_step is in_javascript and not shutil.which("node"):
        pytest.skip("this machine lacks node")
    given = code_step(world)

    assert run_step(given) == "d-1"
    for forged in (given | {"body": given["body"] + " "}, given | {"signature": None}, given | {"secret": "other"}):
        with pytest.raises(ValueError, match="does not match"):
            run_step(forged)


def straight_step(timestamp, body, signed):
    """What Zapier hands to a Code step where InboundFlow calls it itself."""
    mac = hmac.new(b"s3cret", f"{timestamp}.{signed}".encode(), hashlib.sha256).hexdigest()
    return {"body": body, "timestamp": str(timestamp), "signature": f"sha256={mac}", "secret": "s3cret"}


BODY, AS_JAVASCRIPT_WRITES_IT = '{"delivery_id": "d-1", "x": 1.0}', '{"delivery_id":"d-1","x":1}'


@pytest.mark.parametrize("signed", [BODY, AS_JAVASCRIPT_WRITES_IT])
@pytest.mark.skipif(not shutil.which("node"), reason="this machine lacks node")
def test_the_recipes_code_for_the_straight_way_takes_what_inboundflow_signs(signed):
    assert in_javascript(straight_step(int(time.time()), BODY, signed), step=1) == "d-1"


NOT_TAKEN = [
    # seconds off, changed                what it says
    (-400,         {},                    "five minutes"),
    (400,          {},                    "five minutes"),
    (0,            {"timestamp": ""},     "five minutes"),
    (0,            {"timestamp": "soon"}, "five minutes"),
    (0,            {"body": "{}"},        "does not match"),
    (0,            {"signature": None},   "does not match"),
    (0,            {"secret": "other"},   "does not match"),
]  # fmt: skip


@pytest.mark.parametrize(("off_s", "changed", "detail"), NOT_TAKEN)
@pytest.mark.skipif(not shutil.which("node"), reason="this machine lacks node")
def test_the_recipes_code_for_the_straight_way_takes_nothing_else(off_s, changed, detail):
    given = straight_step(int(time.time()) + off_s, BODY, BODY) | changed

    with pytest.raises(ValueError, match=detail):
        in_javascript(given, step=1)
