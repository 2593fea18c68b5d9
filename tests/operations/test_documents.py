"""The keys of each JSON document, as programs rely on them."""

import json

import pytest

from receiver.operations import pause_lanes
from receiver.registry import Lane
from tests.support.cli import receiver

DELIVERY = set(
    [
        "id",
        "key",
        "event",
        "call_id",
        "organization_id",
        "received_us",
        "received_at",
        "dispatched_us",
        "dispatched_at",
        "erased_us",
        "erased_at",
        "problems",
        "runs",
    ]
)
RUN = set(["id", "handler", "target", "state", "standing", "failures", "next_attempt_us", "next_attempt_at"])
RUN |= {"outcome", "failure", "last_error"}
ATTEMPT = set(["number", "started_us", "started_at", "ended_us", "ended_at", "result", "detail"])
HANDLER = set(["handler", "state", "why", "events", "narrowed_to", "urgency", "targets", "urls", "waiting", "dead"])
DOCUMENTS = [
    # command                                 keys of the document
    (["deliveries"],                          {"deliveries", "total", "more", "next"}),
    (["show", "d-01"],                        {"deliveries"}),
    (["replay", "--state", "dead"],           {"dry_run", "runs", "total", "left", "job"}),
    (["cancel", "--state", "dead", "--yes"],  {"dry_run", "runs", "total", "running", "unseen"}),
    (["erase", "--call", "call-1", "--yes"],  {"deliveries", "places", "ended", "conflicts", "texts", "mentions", "copies",
                                               "purged", "dry_run", "at_destinations"}),
    (["prune", "--older-than", "9", "--yes"], {"older_than_days", "deliveries", "open", "beside", "dry_run"}),
    (["pause"],                               {"paused", "held"}),
    (["resume", "slack.post"],                {"resumed"}),
    (["doctor", "--offline"],                 {"handlers", "findings", "checks"}),
]  # fmt: skip


def document(env, *arguments):
    return json.loads(
        receiver(*arguments, "--json", SLACK_WEBHOOK_URL="https://hooks.slack.com/services/x", **env).stdout
    )


@pytest.fixture
def busy(db, env, kept):
    pause_lanes(db, [Lane("", "slack.post", "")], "by hand")
    attempt = "INSERT INTO attempts (run_id, number, started_us) SELECT id, 1, 1 FROM runs"
    db.commit(lambda tx: (tx.execute(attempt), tx.execute("UPDATE deliveries SET dispatched_us = 1")))
    return env


@pytest.mark.parametrize(("command", "keys"), DOCUMENTS)
def test_a_document_has_its_keys_and_no_others(busy, command, keys):
    assert document(busy, *command).keys() == keys


def test_a_delivery_and_its_runs_have_their_keys_and_no_source_where_there_is_one_business(busy):
    [listed] = document(busy, "deliveries", "--call", "call-0")["deliveries"]
    [shown] = document(busy, "show", "d-00")["deliveries"]
    [with_body] = document(busy, "show", "d-00", "--body")["deliveries"]

    assert (listed.keys(), {key for run in listed["runs"] for key in run}) == (DELIVERY, RUN)
    assert (shown.keys(), with_body.keys()) == (DELIVERY | {"conflicts"}, DELIVERY | {"conflicts", "body"})
    assert {key for run in shown["runs"] for key in run} == RUN | {"attempts", "paused", "due", "held"}
    assert {key for run in shown["runs"] for attempt in run["attempts"] for key in attempt} == ATTEMPT


def test_what_is_counted_and_found_has_its_keys(busy):
    replayed = document(busy, "replay", "--state", "dead", "--dry-run")
    cancelled = document(busy, "cancel", "--state", "dead", "--dry-run")
    [paused] = document(busy, "pause")["paused"]
    looked = document(busy, "doctor", "--offline")

    assert {key for run in replayed["runs"] for key in run} == {"handler", "target", "was", "runs"}
    assert {key for run in replayed["left"] for key in run} == {"handler", "target", "state", "runs", "why"}
    assert {key for run in cancelled["runs"] for key in run} == {"handler", "target", "was", "runs"}
    assert paused.keys() == {"handler", "target", "reason", "since_us", "since_at"}
    assert {key for one in looked["handlers"] for key in one} == HANDLER
    assert {key for one in looked["findings"] for key in one} == {"what", "problem", "do"}
    assert {key for one in looked["checks"] for key in one} == {"severity", "what", "said", "why", "do"}
