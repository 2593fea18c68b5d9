"""From a signed request to Slack, a sheet and a CRM."""

import html
import os
import re
import shutil
import signal
import subprocess

import httpx
import pytest

from tests.support.processes import CHECKOUT, free_port, started, until

DEMO = ("-m", "receiver", "up", "--demo")
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


def test_the_demo_shows_what_people_see_of_a_call_and_its_page_until_it_ends(tmp_path):
    env = {"DATA_DIR": str(tmp_path), "SLACK_BOT_TOKEN": "xoxb-real", "INBOUNDFLOW_SIGNING_SECRET": "real"}
    env |= {"BUSINESS_LANGUAGE": "en", "COLUMNS": "80"}
    out, err = tmp_path / "out", tmp_path / "err"
    with out.open("w") as o, err.open("w") as e, started(*DEMO, env=env, stdout=o, stderr=e) as up:
        text = until(lambda: (t := out.read_text()) and "Ctrl-C ends the demo." in t and t, within_s=60)
        page = re.search(r"http://\S+/$", text, re.MULTILINE).group()
        shown = httpx.get(page).text
        up.send_signal(signal.SIGINT)
        assert up.wait(10) == 0

    name = re.search(r"^│ Name +(.+)$", text, re.MULTILINE).group(1)
    assert (text.count("200 stored"), text.count("Everything arrived."), err.read_text()) == (4, 1, "")
    for seen in (
        "#front-desk",
        f"│ {name} · +1",
        "3 replies",
        "Calls (columns not shown: ",
        "│   Call ",
        "│   Meeting ",
    ):
        assert seen in text
    whole = ("call --to", "/sign-in/link?token=", str(tmp_path))  # what is to be copied
    assert max(len(line) for line in text.splitlines() if not any(part in line for part in whole)) <= 80
    assert (name in html.unescape(shown), "Salesforce, Requests." in shown) == (True, True)
    assert "handler slack.post is on" in (tmp_path / "demo" / "log.txt").read_text()
    with pytest.raises(httpx.ConnectError):
        httpx.get(page)


def test_in_spanish_the_demos_sheet_has_spanish_tabs_and_columns(tmp_path):
    out = tmp_path / "out"
    env = {"DATA_DIR": str(tmp_path), "LANG": "es_ES.UTF-8", "COLUMNS": "100"}
    with out.open("w") as o, started(*DEMO, env=env, stdout=o, stderr=o):
        text = until(lambda: (t := out.read_text()) and "Ctrl-C termina la demo." in t and t, within_s=60)

    assert "Todo ha llegado." in text
    for name in ("Llamadas", "Transferencias", "Citas", "Contactos", "Recibida", "Nombre"):
        assert name in text.partition("Google Sheets: ")[2].partition("HubSpot: ")[0]


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
