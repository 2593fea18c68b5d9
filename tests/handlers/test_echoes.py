"""A destination, or a proxy before it, may answer with what it was sent. None of that goes further."""

import logging

import pytest

from receiver import registry
from receiver.errors import HandlerError
from tests.support.tools import a_run, booked, completed, lead, transferred

SAID = {"caller_name": "Zoraida", "caller_phone": "+15550177", "summary": "Zoraida's brakes"}
EVENTS = [completed("d-1", **SAID), lead("d-2", **SAID), booked("d-3", **SAID), transferred("d-4", **SAID)]
PRIVATE = ("Zoraida", "5550177", "brakes")


def slack_webhook(world):
    allowed = world.url.removeprefix("http://")
    return {"SLACK_WEBHOOK_URL": world.slack_webhook_url, "FORWARD_ALLOW_HOSTS": allowed}


def forward(world):
    return {"FORWARD_URL": f"{world.url}/forward/x", "FORWARD_ALLOW_HOSTS": world.url.removeprefix("http://")}


PLACES = [
    # handler                       the played destination, what is asked of it, its variables
    ("slack.post",                  "slack",      "chat.",    lambda world: world.env),
    ("slack.post",                  "slack",      "services", slack_webhook),
    ("google_sheets.append_row",    "sheets",     "append",   lambda world: world.env),
    ("hubspot.keep_contact",        "hubspot",    "",         lambda world: world.env),
    ("salesforce.keep_lead",        "salesforce", "sobjects", lambda world: world.salesforce_env),
    ("zapier.forward",              "zapier",     "",         lambda world: world.automation_env),
    ("make.forward",                "make",       "",         lambda world: world.automation_env),
    ("n8n.forward",                 "n8n",        "",         lambda world: world.automation_env),
    ("forward.forward",             "forward",    "",         forward),
]  # fmt: skip


@pytest.mark.parametrize(("name", "place", "path", "env"), PLACES)
@pytest.mark.parametrize(("mode", "status"), [("echo", 200), ("echo", 400), ("echo", 502), ("echo-head", 200)])
def test_what_a_destination_echoes_stays_out_of_log_outcome_and_reason(
    world, caplog, name, place, path, env, mode, status
):
    caplog.set_level(logging.INFO)
    logging.getLogger("urllib3").setLevel(logging.WARNING)  # as HubSpot's own client does when it is made
    world.fail(place, mode=mode, status=status, times=99, path=path)

    said = [str(attempt(name, env(world), event)) for event in EVENTS]

    everything = "\n".join([*said, caplog.text])
    assert world.faults.waiting[place][0].times < 99
    assert [word for word in PRIVATE if word in everything] == []


def attempt(name, env, event):
    handler = registry.load("handlers")[name]
    run = a_run(name, env, event)
    try:
        return handler.function([event], [run]) if handler.batch > 1 else handler.function(event, run)
    except HandlerError as error:
        return error
