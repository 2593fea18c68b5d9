import json
from itertools import permutations

import pytest

from mock_sender.destinations.slack import CHANNEL, URGENT_CHANNEL
from receiver.registry import Earlier
from tests.handlers.slack.office import KINDS, Office, an_event, look, texts


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_event_of_a_call_is_one_message_and_no_reply(office, kind):
    outcome = office.attempt(an_event(kind))

    [(parent, deliveries)] = office.channel()
    assert deliveries == [f"d-{kind}"]
    assert outcome == f"{CHANNEL} {parent['ts']} in {parent['ts']} of d-{kind}"


def test_a_later_event_is_a_reply_and_brings_the_parent_up_to_date(office):
    office.attempt(an_event("call.completed"))
    outcome = office.attempt(an_event("appointment.booked"))

    [(parent, deliveries)] = office.channel()
    reply = office.world.slack.messages[-1]
    assert deliveries == ["d-call.completed", "d-appointment.booked"]
    assert {"Toothache", "Root canal", "Wed 25 Feb 2026, 11:00 UTC"} <= set(texts(parent))
    assert "Root canal" in texts(reply)
    assert outcome == f"{CHANNEL} {reply['ts']} in {parent['ts']} of d-call.completed"


@pytest.fixture(scope="module")
def parents():
    """The final parents that the orders gave."""
    return []


@pytest.mark.parametrize(
    "order", list(permutations(KINDS)), ids=lambda order: " ".join(k.split(".")[1][:4] for k in order)
)
def test_in_any_order_and_repeated_the_events_make_one_thread_with_the_same_parent(office, parents, order):
    outcomes = [office.attempt(an_event(kind)) for kind in order]
    before = [look(message) for message in office.world.slack.messages]
    repeated = [office.attempt(an_event(kind), attempt=2) for kind in order]

    [(parent, deliveries)] = office.channel()
    parents.append(look(parent))
    assert deliveries == [f"d-{kind}" for kind in order]
    assert repeated == outcomes
    assert [look(message) for message in office.world.slack.messages] == before
    assert parents == [parents[0]] * len(parents)


LOST = [(kind, path) for kind in KINDS for path in ("postMessage", "chat.update", "conversations")]


LOST.remove((KINDS[0], "chat.update"))  # the first event of a call edits nothing


@pytest.mark.parametrize(("lost", "path"), LOST)
@pytest.mark.parametrize("mode", ["drop", "reset"])
def test_whichever_answer_is_lost_each_event_has_one_message(office, lost, path, mode):
    for kind in KINDS:
        attempt = 1
        if kind == lost:
            office.world.fail("slack", mode=mode, path=path)
            attempt = 2 if path == "conversations" else 1  # only then is every event looked for
            office.fail(an_event(kind), attempt)
        office.attempt(an_event(kind), attempt + (kind == lost))

    assert [deliveries for _, deliveries in office.channel()] == [[f"d-{kind}" for kind in KINDS]]


def test_an_event_finds_the_parent_of_another_whose_answer_was_lost(office):
    office.world.fail("slack", mode="drop", path="postMessage")
    office.fail(an_event("call.completed"))

    office.attempt(an_event("lead.created"))
    office.attempt(an_event("call.completed"), attempt=2)

    [(parent, deliveries)] = office.channel()
    assert deliveries == ["d-call.completed", "d-lead.created"]
    assert "Call completed · New lead" in texts(parent)


def test_a_call_whose_thread_is_known_costs_no_look_at_the_channel(office):
    office.attempt(an_event("call.completed"))
    office.attempt(an_event("lead.created"))

    assert [exchange.path for exchange in office.world.exchanges] == [
        "/api/chat.postMessage", "/api/chat.update", "/api/chat.postMessage",
    ]  # fmt: skip


def test_a_deleted_parent_is_followed_by_a_new_one(office):
    office.attempt(an_event("call.completed"))
    office.world.slack.delete(office.world.slack.messages[0]["ts"])

    outcomes = [office.attempt(an_event(kind)) for kind in ("lead.created", "appointment.booked")]
    again = office.attempt(an_event("lead.created"), attempt=2)

    [(parent, deliveries)] = office.channel()
    assert deliveries == ["d-lead.created", "d-appointment.booked"]
    assert "Toothache" in texts(parent)
    assert again == outcomes[0]


@pytest.mark.parametrize(
    "code",
    [
        "message_not_found", "thread_not_found", "cannot_reply_to_message", "thread_locked",
        "restricted_action_thread_locked", "restricted_action_non_threadable_channel",
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["chat.update", "chat.postMessage"])
def test_a_parent_that_takes_nothing_any_more_is_followed_by_a_new_one(office, code, path):
    office.attempt(an_event("call.completed"))
    office.world.fail("slack", status=200, body=json.dumps({"ok": False, "error": code}), path=path)

    office.attempt(an_event("lead.created"))

    assert [ids for _, ids in office.channel()] == [["d-call.completed"], ["d-lead.created"]]


def test_a_thread_that_is_locked_is_followed_by_a_new_one(office):
    office.attempt(an_event("call.completed"))
    office.world.slack.locked.add(office.world.slack.messages[0]["ts"])

    for kind in ("lead.created", "appointment.booked"):
        office.attempt(an_event(kind))

    assert [ids for _, ids in office.channel()] == [["d-call.completed"], ["d-lead.created", "d-appointment.booked"]]


def test_a_channel_that_is_being_moved_gets_its_messages_afterwards(office):
    office.attempt(an_event("call.completed"))
    office.world.slack.closed[CHANNEL] = "external_channel_migrating"

    refusal = office.fail(an_event("lead.created"))
    office.world.slack.closed.clear()
    office.attempt(an_event("lead.created"), attempt=2)

    assert (refusal.delay_s, refusal.cooldown) == (3600, True)
    assert [ids for _, ids in office.channel()] == [["d-call.completed", "d-lead.created"]]


def test_a_reply_says_only_what_the_thread_does_not_say_yet(office):
    for kind in ("call.completed", "lead.created", "appointment.booked"):
        office.attempt(an_event(kind))

    _, lead, booking = office.world.slack.messages
    assert texts(lead)[2:] == ["*E-mail*", "ada@example.com", "*Interest*", "Whitening"]
    assert "Ada Moreno" not in texts(booking)


@pytest.mark.parametrize("code", ["cant_update_message", "edit_window_closed"])
def test_where_nobody_may_edit_the_thread_goes_on(office, code):
    office.attempt(an_event("call.completed"))
    office.world.fail("slack", status=200, body=json.dumps({"ok": False, "error": code}), path="chat.update")

    office.attempt(an_event("lead.created"))

    assert [ids for _, ids in office.channel()] == [["d-call.completed", "d-lead.created"]]


def test_an_attempt_that_died_after_following_a_deleted_parent_is_found(office):
    office.attempt(an_event("call.completed"))
    office.world.slack.delete(office.world.slack.messages[0]["ts"])
    office.world.fail("slack", mode="drop", path="postMessage")
    office.fail(an_event("lead.created"))

    office.attempt(an_event("lead.created"), attempt=2)

    assert [ids for _, ids in office.channel()] == [["d-lead.created"]]


def test_a_parent_that_is_deleted_under_its_replies_is_followed_by_a_new_one(office):
    for kind in ("call.completed", "lead.created"):
        office.attempt(an_event(kind))
    office.world.slack.delete(office.world.slack.messages[0]["ts"])

    first = office.attempt(an_event("appointment.booked"))
    office.attempt(an_event("call.transferred"))
    again = office.attempt(an_event("appointment.booked"), attempt=2)

    [(tombstone, _), (parent, deliveries)] = office.channel()
    assert (tombstone["text"], tombstone["reply_count"]) == ("This message was deleted.", 1)
    assert deliveries == ["d-appointment.booked", "d-call.transferred"]
    assert "Toothache" in texts(parent)
    assert again == first


def test_a_reply_whose_parent_is_deleted_at_that_moment_becomes_the_parent(office):
    office.attempt(an_event("call.completed"))
    [parent] = office.world.slack.messages
    office.world.watch = lambda name, path, stage: (
        office.world.slack.delete(parent["ts"]) if (path, stage) == ("/api/chat.update", "done") else None
    )

    outcome = office.attempt(an_event("lead.created"))
    office.world.watch = lambda name, path, stage: None
    office.attempt(an_event("appointment.booked"))

    [(parent, deliveries)] = office.channel()
    assert deliveries == ["d-lead.created", "d-appointment.booked"]
    assert outcome == f"{CHANNEL} {parent['ts']} in {parent['ts']} of d-lead.created"
    assert {"Toothache", "Call completed · Appointment booked · New lead"} <= set(texts(parent))


def test_where_the_channel_was_changed_a_call_starts_anew(office):
    office.attempt(an_event("call.completed"))
    office.env["SLACK_CHANNEL"] = URGENT_CHANNEL

    office.attempt(an_event("lead.created"))

    [(parent, deliveries)] = office.channel(URGENT_CHANNEL)
    assert deliveries == ["d-lead.created"]
    assert "Toothache" in texts(parent)


@pytest.mark.parametrize("outcome", ["1764000000.000001", "ok", "", "C0DEMO 17.1 in"])
def test_an_outcome_that_names_no_thread_begins_one(office, outcome):
    office.done.append(Earlier(event=an_event("call.completed"), outcome=outcome))

    office.attempt(an_event("lead.created"))

    assert [ids for _, ids in office.channel()] == [["d-lead.created"]]


@pytest.mark.parametrize("kind", ["call.completed", "voicemail.left"])
def test_an_event_without_a_call_is_a_message_of_its_own(office, kind):
    for key in ("d-1", "d-2"):
        office.attempt(an_event(kind, key, call_id=None))
        office.attempt(an_event(kind, key, call_id=None), attempt=2)

    assert [ids for _, ids in office.channel()] == [["d-1"], ["d-2"]]


@pytest.mark.parametrize("urgency", ["high", "HIGH", " Urgent", "critical"])
def test_the_event_that_makes_a_call_urgent_starts_a_thread_in_the_urgent_channel(world, urgency):
    office = Office(world, SLACK_URGENT_CHANNEL=URGENT_CHANNEL)
    for kind, more in [("call.completed", {}), ("lead.created", {"urgency": urgency}), ("appointment.booked", {})]:
        office.attempt(an_event(kind, **more))

    [(parent, urgent)] = office.channel(URGENT_CHANNEL)
    assert [ids for _, ids in office.channel()] == [["d-call.completed"]]
    assert urgent == ["d-lead.created", "d-appointment.booked"]
    assert texts(parent)[1].startswith("🚨 Urgent: Ada Moreno")


@pytest.mark.parametrize("first", [True, False], ids=["as parent", "as reply"])
def test_a_message_from_before_its_call_was_urgent_is_found_where_it_is(world, first):
    office = Office(world, SLACK_URGENT_CHANNEL=URGENT_CHANNEL)
    if not first:
        office.attempt(an_event("call.transferred"))
    world.fail("slack", mode="drop", path="postMessage")
    office.fail(an_event("call.completed"))
    office.attempt(an_event("lead.created", urgency="high"))

    office.attempt(an_event("call.completed"), attempt=2)

    assert [ids for _, ids in office.channel(URGENT_CHANNEL)] == [["d-lead.created"]]
    assert [ids[-1] for _, ids in office.channel()] == ["d-call.completed"]


def test_without_an_urgent_channel_an_urgent_call_stays_in_its_thread(office):
    office.attempt(an_event("call.completed"))
    office.attempt(an_event("lead.created", urgency="high"))

    assert [ids for _, ids in office.channel()] == [["d-call.completed", "d-lead.created"]]


MENTIONS = [("U0ADA", "<@U0ADA>"), ("<@W0ADA>", "<@W0ADA>"), ("S0DESK U0ADA", "<!subteam^S0DESK> <@U0ADA>")]


@pytest.mark.parametrize(("setting", "shown"), MENTIONS)
def test_an_urgent_call_mentions_whoever_should_know(world, setting, shown):
    office = Office(world, SLACK_URGENT_MENTION=setting)

    office.attempt(an_event("lead.created", urgency="high"))

    [message] = world.slack.messages
    assert message["text"].startswith(f"{shown} 🚨 Urgent: Ada Moreno")
    assert shown in texts(message)


def test_each_urgent_call_mentions_them_once_whichever_event_makes_it_urgent(world):
    office = Office(world, SLACK_URGENT_MENTION="U0ADA")
    for kind, urgency in zip(KINDS, ("low", "high", "low", "high"), strict=True):
        office.attempt(an_event(kind, urgency=urgency))

    posted = [json.loads(e.body) for e in world.exchanges if e.path == "/api/chat.postMessage"]
    assert ["<@U0ADA>" in texts(message) for message in posted] == [False, True, False, False]
    assert ["<@U0ADA>" in message["text"] for message in posted] == [False, True, False, False]


def test_blocks_that_slack_refuses_take_no_mention_with_them(world):
    world.fail("slack", status=200, body='{"ok": false, "error": "invalid_blocks"}', path="postMessage")

    Office(world, SLACK_URGENT_MENTION="U0ADA").attempt(an_event("lead.created", urgency="high"))

    assert world.slack.messages[0]["text"].startswith("<@U0ADA> ")
