"""Against a small server that answers as a workflow of Teams does: 202 at once, and a run history of what it posted."""

import json
import threading
from http.server import BaseHTTPRequestHandler
from operator import itemgetter

import pytest

from handlers.teams import NAME, post, target
from receiver import ConfigurationError, registry
from tests.support.forwarding import HOSTILE, assert_end, end_of
from tests.support.http import Server
from tests.support.tools import a_run, booked, completed, lead

MOST_BYTES = 28 * 1024  # of a message in Teams
PATH = "/powerautomate/automations/direct/workflows/0f/triggers/manual/paths/invoke?api-version=1&sig=s3cret"
RUNS = {"TextRun": {"type", "text", "weight", "size"}}


class WorkflowRequest(BaseHTTPRequestHandler):
    """The trigger takes any JSON and answers before the flow runs; what becomes of the card is in the `history`."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status, answer = self.server.answers.pop(0) if self.server.answers else self.accepted(body)
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def accepted(self, body):
        if self.path != PATH:
            return 401, b'{"error": {"code": "DirectApiAuthorizationRequired"}}'
        try:
            received = json.loads(body)
        except ValueError:
            return 400, b'{"error": {"code": "InvalidJSON"}}'
        self.server.history.append((self.verdict(body, received), received))
        return 202, b""

    def verdict(self, body, received):
        """What the action "Post card in a chat or channel" says of each attachment."""
        if len(body) > MOST_BYTES:
            return "RequestEntityTooLarge"
        if not received.get("attachments"):
            return "attachments is of type 'Null'"
        cards = map(itemgetter("content"), received["attachments"])
        return "Succeeded" if all(map(is_card, cards)) else "Property 'type' must be 'AdaptiveCard'"

    def log_message(self, *_):
        pass


def is_card(card):
    """Of the elements that the handler uses, as their schema has them."""
    lines = [(each["type"], *(element["type"] for element in each["inlines"])) for each in card["body"]]
    texts = [element for each in card["body"] for element in each["inlines"]]
    return (
        (card["type"], card["version"]) == ("AdaptiveCard", "1.2")
        and all(kinds[0] == "RichTextBlock" and {*kinds[1:]} == {"TextRun"} for kinds in lines)
        and all(element["text"] and element.keys() <= RUNS["TextRun"] for element in texts)
        and all(action["type"] == "Action.OpenUrl" and action["title"] for action in card["actions"])
    )


@pytest.fixture
def teams():
    server = Server(("127.0.0.1", 0), WorkflowRequest)
    server.history, server.answers = [], []
    where = f"127.0.0.1:{server.server_port}"
    server.env = {NAME: f"http://{where}{PATH}", "FORWARD_ALLOW_HOSTS": where, "BUSINESS_TIMEZONE": "Europe/Madrid"}
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def run_at(teams, event, **changes):
    return a_run("teams.post", teams.env, event, **changes)


def shown(teams):
    """The lines of the newest card, as people read them, and its buttons."""
    verdict, message = teams.history[-1]
    [attachment] = message["attachments"]
    card = attachment["content"]
    lines = ["".join(element["text"] for element in each["inlines"]) for each in card["body"]]
    return verdict, lines, [(action["title"], action["url"]) for action in card["actions"]]


def test_a_call_becomes_a_card(teams):
    event = completed(
        caller_name="Ada", summary="Wants a plumber.", recording_url="https://rec.example/1", urgency="high"
    )

    outcome = post(event, run_at(teams, event))

    verdict, lines, buttons = shown(teams)
    assert (outcome, verdict, lines[0], lines[-1]) == (
        "202", "Succeeded", "🚨 Urgent: Call completed", "Wants a plumber.",
    )  # fmt: skip
    assert ("Name: Ada" in lines, buttons) == (True, [("Listen to the recording", "https://rec.example/1")])


def test_it_speaks_the_businesss_language_and_gives_times_by_its_clock(teams):
    teams.env["BUSINESS_LANGUAGE"] = "es"
    event = booked(appointment_time_start="2026-11-30T09:00:00Z")

    post(event, run_at(teams, event))

    _, lines, _ = shown(teams)
    [time] = [each for each in lines if each.startswith("Cita: ")]
    assert (lines[0], "10:00" in time) == ("Cita reservada", True)


SIGNS = ["x", "😀", '"', "\\", "\n", "[a](https://evil.example)"]


@pytest.mark.parametrize("sign", SIGNS)
def test_whatever_a_caller_said_is_within_what_teams_takes(teams, sign):
    long = sign * 9000
    event = lead(caller_name=long, caller_email=long, intent=long, urgency=long, interest=long, call_summary=long)

    post(event, run_at(teams, event))

    assert shown(teams)[0] == "Succeeded"


def test_a_caller_can_make_no_link_and_no_button(teams):
    event = completed(caller_name="[free](https://evil.example)", summary=HOSTILE, recording_url="javascript:alert(1)")

    post(event, run_at(teams, event))

    verdict, lines, buttons = shown(teams)
    assert (verdict, "Name: [free](https://evil.example)" in lines, buttons) == ("Succeeded", True, [])


def test_a_repeat_is_the_same_card(teams):
    event = completed()

    for number in (1, 2):
        post(event, run_at(teams, event, attempt=number))

    assert teams.history[0] == teams.history[1]


OFF = b'{"error": {"code": "WorkflowTriggerIsNotEnabled", "message": "trigger is not enabled"}}'
OUTCOMES = [
    # the workflow answers, with  at attempt  the run is    tried again after s, other runs wait for s
    (202, b"",                         1, "succeeded"),
    (200, b"ok",                       1, "succeeded"),  # one that ends with a response of its own
    (400, b'{"error": {}}',            1, "dead"),
    (400, OFF,                         1, "pause"),
    (401, b"",                         1, "pause"),
    (403, b"",                         1, "pause"),
    (404, b"",                         1, "retrying", 5),
    (404, b"",                         5, "pause"),
    (413, b"",                         1, "dead"),
    (429, b"",                         1, "retrying", 30),
    (502, b"",                         2, "retrying", 30),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "attempt", "end"), [(*row[:3], row[3:]) for row in OUTCOMES])
def test_an_answer_decides_what_becomes_of_the_run(teams, status, body, attempt, end):
    teams.answers.append((status, body))

    verdict = end_of(post, completed(), run_at(teams, completed(), attempt=attempt, met=f"refused-{status}"))

    assert_end(verdict, *end)


REFUSED = [
    ("https://acme.webhook.office.com/webhookb2/1", "Office 365 connector"),
    ("http://prod-1.westeurope.logic.azure.com/workflows/1", "https://"),
    ("https://prod-1.westeurope.logic.azure.com/…", "…"),
]


@pytest.mark.parametrize(("url", "words"), REFUSED)
def test_a_url_that_cannot_work_is_named_at_the_start(url, words):
    settings = registry.load("handlers")["teams.post"].settings({NAME: url})

    with pytest.raises(ConfigurationError, match=words):
        target(settings)
