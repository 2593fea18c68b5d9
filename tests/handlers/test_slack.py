import pytest

from handlers.slack import escaped, post
from receiver.errors import GiveUp, LeaseLost, Pause, RetryLater
from tests.tools import a_run, booked, completed, lead


def run_at(world, event, **changes):
    return a_run("slack.post", world.env, event, **changes)


def texts(message):
    """All that a person or a parser would read in a message."""
    found = [message["text"]]
    for block in message["blocks"]:
        found += [part["text"] for part in (block.get("text"), *block.get("fields", [])) if part]
    return found


@pytest.mark.parametrize("event", [completed(), booked(), lead()], ids=lambda event: event.event)
def test_an_event_becomes_one_message_whose_ts_is_the_outcome(world, event):
    outcome = post(event, run_at(world, event))

    assert [(message["ts"], message["delivery_id"]) for message in world.slack.messages] == [(outcome, "d-1")]


def test_what_a_caller_says_mentions_nobody_and_links_nowhere(world):
    event = completed(caller_name="<!channel>", summary="<https://evil.example|Your bank> & <@U1>")

    post(event, run_at(world, event))

    said = "\n".join(texts(world.slack.messages[0]))
    assert "&lt;!channel&gt;" in said
    assert "&lt;https://evil.example|Your bank&gt; &amp; &lt;@U1&gt;" in said
    assert "<" not in said


def test_long_texts_are_cut_to_slacks_limits_and_empty_ones_left_out(world):
    event = completed(summary="<" * 5000, caller_name="x" * 5000, intent="", urgency="  ")

    post(event, run_at(world, event))

    assert len(world.slack.messages) == 1


@pytest.mark.parametrize("most", range(1, 12))
def test_a_text_is_never_cut_inside_an_entity(most):
    cut = escaped("a<b>&", most)

    assert len(cut) <= most
    assert cut.replace("&lt;", "").replace("&gt;", "").replace("&amp;", "").count("&") == 0


def test_only_https_links_become_buttons(world):
    event = completed(recording_url="javascript:alert(1)")

    post(event, run_at(world, event))

    assert "actions" not in {block["type"] for block in world.slack.messages[0]["blocks"]}


def test_a_message_that_arrived_although_its_answer_did_not_is_not_posted_again(world):
    event = completed()
    world.fail("slack", mode="drop")

    with pytest.raises(RetryLater):
        post(event, run_at(world, event))
    outcome = post(event, run_at(world, event, attempt=2))

    assert [message["ts"] for message in world.slack.messages] == [outcome]


def test_a_message_that_did_not_arrive_is_posted_by_the_next_attempt(world):
    event = completed()
    world.fail("slack", mode="reset")

    with pytest.raises(RetryLater):
        post(event, run_at(world, event))
    post(event, run_at(world, event, attempt=2))

    assert len(world.slack.messages) == 1


def test_a_worker_that_lost_its_lease_posts_nothing(world):
    def hold():
        raise LeaseLost

    with pytest.raises(LeaseLost):
        post(completed(), run_at(world, completed(), hold=hold))

    assert world.slack.messages == []


REFUSALS = [
    # status  Slack says                                        the run is
    (429,     "{}",                                             RetryLater, "429"),
    (200,     '{"ok": false, "error": "ratelimited"}',          RetryLater, "ratelimited"),
    (200,     '{"ok": false, "error": "internal_error"}',       RetryLater, "internal_error"),
    (500,     "{}",                                             RetryLater, "500"),
    (503,     '"<html>"',                                       RetryLater, "503"),
    (200,     '{"ok": false, "error": "token_revoked"}',        Pause,      "SLACK_BOT_TOKEN was revoked"),
    (200,     '{"ok": false, "error": "not_in_channel"}',       Pause,      "/invite"),
    (200,     '{"ok": false, "error": "missing_scope"}',        Pause,      "chat:write"),
    (200,     '{"ok": false, "error": "invalid_blocks"}',       GiveUp,     "invalid_blocks"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "outcome", "reason"), REFUSALS)
def test_a_refusal_decides_what_becomes_of_the_run(world, status, body, outcome, reason):
    world.fail("slack", status=status, body=body)

    with pytest.raises(outcome, match=reason):
        post(completed(), run_at(world, completed()))


def test_slack_is_left_alone_for_as_long_as_it_asks(world):
    world.fail("slack", status=429, headers={"Retry-After": "7"})

    with pytest.raises(RetryLater) as refusal:
        post(completed(), run_at(world, completed()))

    assert refusal.value.delay_s == 7


def test_an_incoming_webhook_gets_the_same_message(world):
    event = completed()

    outcome = post(event, a_run("slack.post", {"SLACK_WEBHOOK_URL": world.slack_webhook_url}, event))

    assert (outcome, len(world.slack.messages)) == ("ok", 1)


def test_a_deleted_webhook_pauses(world):
    env = {"SLACK_WEBHOOK_URL": world.slack_webhook_url + "x"}

    with pytest.raises(Pause, match="SLACK_WEBHOOK_URL") as refusal:
        post(completed(), a_run("slack.post", env, completed()))

    assert world.url not in str(refusal.value)
