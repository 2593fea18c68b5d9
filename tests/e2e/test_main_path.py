"""From a signed request to Slack, a sheet and a CRM."""

import os
import shutil
import signal
import subprocess

import pytest

from tests.support.processes import CHECKOUT, free_port, started, until

JAVASCRIPT = """
const crypto = require('crypto');
const [url, secret] = process.argv.slice(1);
const body = {event: 'call.completed', timestamp: '2026-02-24T21:00:00.000Z', delivery_id: 'from-javascript',
  organization_id: 'o', data: {call_id: 'c', duration_seconds: 55, summary: 'Ñandú 😀', recording_url: null}};
const timestamp = Math.floor(Date.now() / 1000).toString();
const signature = 'sha256=' + crypto.createHmac('sha256', secret)
  .update(`${timestamp}.${JSON.stringify(body)}`).digest('hex');
fetch(url, {method: 'POST', body: JSON.stringify(body, null, process.argv[3] ? 2 : 0), headers: {
  'Content-Type': 'application/json', 'X-InboundFlow-Timestamp': timestamp, 'X-InboundFlow-Signature': signature,
}}).then(async (answer) => console.log(answer.status, await answer.text()));
"""


def test_the_demo_shows_where_each_of_four_events_landed(tmp_path):
    env = {"DATA_DIR": str(tmp_path), "SLACK_BOT_TOKEN": "xoxb-real", "INBOUNDFLOW_SIGNING_SECRET": "real"}
    with (tmp_path / "out").open("w") as out, started("-m", "receiver", "up", "--demo", env=env, stdout=out) as up:
        text = until(lambda: (t := (tmp_path / "out").read_text()) and "Ctrl-C ends the demo." in t and t, within_s=40)

        assert text.count("200 stored") == 4
        assert "missing" not in text
        places = ("message 1", "its reply 1", ", row 2", "call 1", "meeting 1", "note 1")
        assert [text.count(place) for place in places] == [1, 3, 4, 2, 1, 1]
        up.send_signal(signal.SIGINT)
        assert up.wait(10) == 0


@pytest.mark.skipif(not shutil.which("node") and not os.environ.get("CI"), reason="needs node")
@pytest.mark.parametrize("spacing", ["", "spaced"])
def test_what_the_documentations_own_javascript_signs_is_accepted(tmp_path, spacing):
    port = free_port()
    env = {"PORT": str(port), "DATA_DIR": str(tmp_path), "INBOUNDFLOW_SIGNING_SECRET": "s3cret"}
    url = f"http://127.0.0.1:{port}/webhooks/inboundflow"
    with started("bin/up", env=env, stdout=subprocess.DEVNULL):
        said = until(lambda: said_by_node(url, spacing), within_s=30)

    assert said.split() == ["200", '{"status":"stored"}']


def said_by_node(url, spacing):
    ran = subprocess.run(
        ["node", "-e", JAVASCRIPT, url, "s3cret", *([spacing] if spacing else [])],
        capture_output=True,
        text=True,
        cwd=CHECKOUT,
    )
    return ran.stdout
