"""The lines of `receiver up` on where each call went."""

import json
import random
import re
import signal
import subprocess
from datetime import datetime

import pytest

from mock_sender import payloads
from mock_sender.destinations import Destinations
from mock_sender.sender import deliver
from receiver import settings
from receiver.events import Delivery
from receiver.inbox import Inbox
from receiver.locales import Locale
from receiver.up.arrivals import LINES, PATIENCE_S, QUIET_S, Arrivals, Teller
from tests.support.processes import is_ready, started, until
from tests.support.runs import Runs
from tests.support.story import DEAD, DONE
from tests.support.tools import claim, finish
from tests.support.up import UP, url

RECEIVED_S = 1_796_000_000.0
AT = datetime.fromtimestamp(RECEIVED_S).strftime("%H:%M:%S")
PHONE, NAME = "+15550100", "Ada Moreno"


class Office:
    """An inbox, what is told of it, and a clock."""

    def __init__(self, db):
        self.db, self.runs, self.now_s = db, Runs(db), RECEIVED_S
        self.teller = Teller(db, last=0, clock=lambda: self.now_s)

    def receive(self, key, *handlers, event="call.completed", call="c-1", source=""):
        data = {"caller_phone": PHONE, "caller_name": NAME}
        Inbox(self.db).keep(
            Delivery(
                key=key, event=event, call_id=call, caller_phone=PHONE, received_us=int(RECEIVED_S * 1e6), source=source,
                body=json.dumps({"delivery_id": key, "event": event, "data": data}).encode(),
            )
        )  # fmt: skip
        [delivery] = self.runs.undispatched(1)
        self.runs.open([(delivery, handler, "") for handler in handlers], [delivery["id"]], 1)

    def end(self, handler, verdict):
        sql = "SELECT id FROM runs WHERE handler = ? AND state IN ('pending', 'retrying') ORDER BY id"
        for row in self.db.read(sql, (handler,)):
            assert finish(self.runs, claim(self.runs, row["id"], "me", 2), "me", verdict, 3)

    def after(self, seconds):
        self.now_s += seconds
        return self.teller.look()


@pytest.fixture
def office(db):
    return Office(db)


def test_a_call_is_told_in_one_line_once_its_events_have_come_and_are_there(office):
    office.receive("d-1", "slack.post", "google_sheets.append_row", "hubspot.keep_contact")
    office.receive("d-2", "slack.post", "google_sheets.append_row", event="lead.created")
    office.receive("d-3", "slack.post", call=None, event="something.new")
    quiet = office.after(QUIET_S)
    for handler in ("slack.post", "google_sheets.append_row", "hubspot.keep_contact"):
        office.end(handler, DONE)

    assert (quiet, office.after(0), office.after(60)) == (
        [],
        [
            f"the call of {AT} (call.completed, lead.created) has reached Slack, Google Sheets and HubSpot",
            f"what came at {AT} (another event) has reached Slack",
        ],
        [],
    )


def test_what_takes_long_is_told_and_told_again_when_it_is_there(office):
    office.receive("d-1", "slack.post", "forward.forward", "acme.keep")
    office.end("slack.post", DONE)
    office.end("acme.keep", DEAD)

    assert office.after(QUIET_S) == []
    assert office.after(PATIENCE_S) == [
        f"the call of {AT} (call.completed) has reached Slack; waits for your URL; "
        "cannot reach Acme: `receiver deliveries --state dead` says more"
    ]
    assert office.after(PATIENCE_S) == []
    office.end("forward.forward", DONE)
    assert office.after(0) == [f"the call of {AT} (call.completed) has now reached your URL"]


def test_it_is_told_in_the_businesss_language(office):
    office.teller.locale = Locale(language="es")
    office.receive("d-1", "slack.post", "email.send")
    office.end("slack.post", DONE)
    office.end("email.send", DEAD)

    assert office.after(QUIET_S) == [
        f"la llamada de las {AT} (call.completed) llegó a Slack; no puede llegar a correo: "
        "`receiver deliveries --state dead` dice más"
    ]


def test_calls_of_two_sources_are_two_calls(office):
    office.receive("d-1", "slack.post", source="one")
    office.receive("d-2", "slack.post", source="two")
    office.end("slack.post", DONE)

    assert office.after(QUIET_S) == [f"the call of {AT} (call.completed) has reached Slack"] * 2


def test_what_the_console_prints_is_not_told_twice(office):
    office.receive("d-1", "console.show")
    office.end("console.show", DONE)

    assert office.after(QUIET_S) == []


def test_of_very_many_calls_some_are_told(office):
    for number in range(LINES + 7):
        office.receive(f"d-{number}", "slack.post", call=f"c-{number}")
    office.end("slack.post", DONE)

    lines = office.after(QUIET_S)

    assert (len(lines), lines[-1]) == (LINES + 1, "and 7 more calls")


def test_what_was_there_before_the_start_is_not_told(office):
    office.receive("d-1", "slack.post")
    office.end("slack.post", DONE)
    office.teller = Teller(office.db, last=None, clock=lambda: office.now_s)

    assert office.after(QUIET_S) == []
    office.receive("d-2", "slack.post", call="c-2")
    office.end("slack.post", DONE)
    assert office.after(QUIET_S) == [f"the call of {AT} (call.completed) has reached Slack"]


def test_up_says_where_a_call_went_without_the_caller(place, tmp_path):
    place |= {"INBOUNDFLOW_SIGNING_SECRET": "s"}
    log = tmp_path / "log"
    with Destinations() as world, log.open("w") as err:
        env = place | {name: value for name, value in world.env.items() if name.startswith("SLACK_")}
        with started(*UP, env=env, stdout=subprocess.DEVNULL, stderr=err) as up:
            until(lambda: is_ready(int(place["PORT"])))
            call = payloads.call(random.Random(1))
            answers = [deliver(url(place, "/webhooks/inboundflow"), payload, secret="s").status for payload in call]
            until(lambda: "has reached Slack" in log.read_text(), what="the line")
            up.send_signal(signal.SIGTERM)
            assert up.wait(10) == 0

    [line] = re.findall("INFO (the call of .*)", log.read_text())
    events = ", ".join(payload.event for payload in call)
    assert (answers, line[21:]) == ([200] * 4, f"({events}) has reached Slack")
    data = json.loads(call[-1].body)["data"]
    assert [data[name] for name in ("caller_phone", "caller_name", "summary") if data[name] in log.read_text()] == []


def test_it_ends_at_once_and_leaves_a_file_that_is_not_there_alone(tmp_path):
    arrivals = Arrivals(settings.read({"DATA_DIR": str(tmp_path)}))
    arrivals.check()

    arrivals.stop(deadline=float("inf"))

    assert (arrivals.thread.is_alive(), list(tmp_path.iterdir())) == (False, [])
