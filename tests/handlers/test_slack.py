import json
from itertools import count, permutations

import pytest

from handlers.slack import post
from handlers.slack.text import escaped, for_plain_text
from mock_sender.destinations.slack import CHANNEL, URGENT_CHANNEL
from receiver import registry
from receiver.errors import GiveUp, LeaseLost, Pause, RetryLater
from receiver.events import read_event
from receiver.registry import Earlier
from receiver.toolkit import within
from tests.support.tools import a_delivery, a_run

SAID = {
    "call.completed": {"summary": "Toothache", "duration_seconds": 75, "recording_url": "https://rec.example/1.mp3"},
    "call.transferred": {"transferred_to_label": "Front desk", "reason": "Asked for a person", "urgency": "medium"},
    "appointment.booked": {
        "appointment_time_start": "2026-02-25T11:00:00Z",
        "service_type": "Root canal",
        "calendar_event_link": "https://calendar.example/1",
    },
    "lead.created": {"caller_email": "ada@example.com", "interest": "Whitening", "call_summary": "Toothache"},
}
KINDS = list(SAID)


def an_event(kind="call.completed", key="", **data):
    return read_event(a_delivery(kind, key or f"d-{kind}", **SAID.get(kind, {}) | data))


class Office:
    """A receiver at one Slack: it hands events to the handler, and remembers outcomes as the inbox would."""

    def __init__(self, world, **env):
        self.world, self.env, self.done = world, world.env | env, []

    def run(self, event, attempt=1, **changes):
        earlier = [
            other
            for other in self.done
            if event.call_id and other.event.call_id == event.call_id and other.event.delivery_id != event.delivery_id
        ]
        return a_run("slack.post", self.env, event, attempt=attempt, earlier=earlier, **changes)

    def attempt(self, event, attempt=1, **changes):
        """One attempt whose end is recorded."""
        outcome = post(event, self.run(event, attempt, **changes))
        self.done = [other for other in self.done if other.event.delivery_id != event.delivery_id]
        self.done.append(Earlier(event=event, outcome=outcome))
        return outcome

    def fail(self, event, attempt=1, error=RetryLater):
        with pytest.raises(error) as raised:
            post(event, self.run(event, attempt))
        self.done.append(Earlier(event=event, outcome=""))
        return raised.value

    def channel(self, channel=CHANNEL):
        """Each thread of a channel: its parent, and the delivery ids of all its messages in order."""
        threads = {}
        for message in self.world.slack.messages:
            if message["channel"] == channel:
                threads.setdefault(message.get("thread_ts", message["ts"]), []).append(message)
        return [(messages[0], [message["delivery_id"] for message in messages]) for messages in threads.values()]


@pytest.fixture
def office(world):
    return Office(world)


def look(message):
    return message["text"], message["blocks"]


def texts(message):
    """All that a person or a parser would read in a message."""
    pieces = [message["text"]]
    for block in message["blocks"]:
        parts = (block.get("text"), *block.get("fields", []), *block.get("elements", []))
        pieces += [part["text"] for part in parts if part and isinstance(part["text"], str)]
    return pieces


# One thread per call


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


def test_an_edited_parent_keeps_its_metadata(office):
    for kind in KINDS:
        office.attempt(an_event(kind))

    [(parent, _)] = office.channel()
    payload = {"delivery_id": "d-call.completed", "call_id": "call-1"}
    assert parent["metadata"] == {"event_type": "inboundflow_event", "event_payload": payload}


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


def test_a_message_is_found_behind_many_others(office):
    office.attempt(an_event("call.completed"))
    for number in range(450):
        office.world.slack.post({"channel": CHANNEL, "text": str(number)})
    office.attempt(an_event("call.completed"), attempt=2)

    assert sum(message["delivery_id"] == "d-call.completed" for message in office.world.slack.messages) == 1


def test_a_reply_is_found_behind_many_others(office):
    office.attempt(an_event("call.completed"))
    [(parent, _)] = office.channel()
    for number in range(450):
        office.world.slack.post({"channel": CHANNEL, "text": str(number), "thread_ts": parent["ts"]})
    first = office.attempt(an_event("lead.created"))

    assert office.attempt(an_event("lead.created"), attempt=2) == first


def test_a_worker_that_lost_its_lease_writes_nothing(office):
    checks = count()

    def check_lease():
        if next(checks):
            raise LeaseLost

    office.attempt(an_event("call.completed"))
    with pytest.raises(LeaseLost):
        office.attempt(an_event("lead.created"), check_lease=check_lease)

    assert [ids for _, ids in office.channel()] == [["d-call.completed"]]


# Urgent calls


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


# What callers say

HOSTILE = [
    "<!channel>", "<!everyone>", "<@U123>", "<https://evil.example|Your bank>", "*bold* _it_ ~no~ `code`", ":tada:",
    "a\nb\r\nc", "\u202egnp.exe", "\x00\x07\ud800", "x" * 50_000, "&" * 50_000, "🦷" * 50_000, "   ", "\u2066\u2069",
    "@channel #general", "[x](https://evil.example)",
]  # fmt: skip
SPOKEN = (
    "caller_name", "caller_phone", "caller_email", "summary", "intent", "urgency", "service_type", "interest", "reason",
    "transferred_to_label", "appointment_time_start", "recording_url", "calendar_event_link", "call_id", "started_at",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:20]))
def test_what_a_caller_says_mentions_nobody_links_nowhere_and_breaks_nothing(office, text):
    for kind in [*KINDS, "other.kind"]:
        office.attempt(an_event(kind, **dict.fromkeys(SPOKEN, text)))

    for message in office.world.slack.messages:
        assert "<" not in "".join(texts(message))
        marked = [part for block in message["blocks"] for part in (block.get("text"), *block.get("fields", [])) if part]
        assert not any("bold" in part["text"] for part in marked if part["type"] == "mrkdwn")
        assert all(part["emoji"] is False for part in marked if part["type"] == "plain_text")
        assert "actions" not in [block["type"] for block in message["blocks"]]
        assert "\n" not in texts(message)[1]


@pytest.mark.parametrize("limit", range(1, 12))
def test_a_text_is_never_cut_inside_an_entity(limit):
    cut = escaped("a<b>&", limit)

    assert len(cut) <= limit
    assert cut.replace("&lt;", "").replace("&gt;", "").replace("&amp;", "").count("&") == 0


def test_a_text_is_measured_as_slack_measures_it():
    assert for_plain_text("🦷🦷🦷", 5) == "🦷🦷…"
    assert for_plain_text("🦷🦷🦷", 6) == "🦷🦷🦷"


def test_an_underscore_in_an_address_stays_one():
    assert escaped("_ada_moreno@x.example_", 100) == "＿ada_moreno@x.example＿"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "http://x.example", "https://x.example/" + "y" * 3000, "https://x y"]
)
def test_only_https_links_of_a_fit_length_become_buttons(office, url):
    office.attempt(an_event(recording_url=url))

    assert "actions" not in [block["type"] for block in office.world.slack.messages[0]["blocks"]]


def test_the_parent_has_a_button_for_the_recording_and_one_for_the_calendar(office):
    for kind in KINDS:
        office.attempt(an_event(kind))

    [(parent, _)] = office.channel()
    [buttons] = [block["elements"] for block in parent["blocks"] if block["type"] == "actions"]
    assert [(button["text"]["text"], button["url"]) for button in buttons] == [
        ("Listen to the recording", "https://rec.example/1.mp3"),
        ("Open in the calendar", "https://calendar.example/1"),
    ]


def test_a_business_reads_its_own_language_and_clock(world):
    office = Office(world, BUSINESS_LANGUAGE="es", BUSINESS_TIMEZONE="Europe/Madrid")
    office.attempt(an_event("appointment.booked", caller_phone="+34912345678", urgency="high"))
    office.attempt(an_event("lead.created", urgency="high"))

    [(parent, _)] = office.channel()
    shown = set(texts(parent))
    assert {"*Teléfono*", "+34 912 34 56 78", "*Cita*", "mié 25 feb 2026, 12:00", "Alta"} <= shown
    assert "🚨 Urgente: Ada Moreno · Root canal" in shown
    assert "Cita reservada · Nuevo interesado" in shown


@pytest.mark.parametrize(
    "code", ["invalid_blocks", "msg_too_long", "msg_blocks_too_long", "invalid_arguments", "no_text"]
)
@pytest.mark.parametrize("path", ["chat.postMessage", "chat.update"])
def test_what_slack_does_not_take_in_blocks_is_said_in_plain_text(office, code, path):
    if path == "chat.update":
        office.attempt(an_event("lead.created"))
    office.world.fail("slack", status=200, body=json.dumps({"ok": False, "error": code}), path=path)
    office.attempt(an_event("call.completed"))

    message = office.world.slack.messages[0]
    assert message["blocks"] == []
    assert "\nPhone: +1 5550100\n" in message["text"]
    assert message["text"].endswith("Toothache")


def test_what_slack_takes_neither_way_is_given_up(office):
    office.world.fail("slack", status=200, body='{"ok": false, "error": "invalid_blocks"}', path="chat.post", times=2)

    assert "invalid_blocks" in str(office.fail(an_event(), error=GiveUp))


# What becomes of a run


def ok_false(code):
    return 200, json.dumps({"ok": False, "error": code})


OUTCOMES = [
    # Slack answers                              the run is   and says               waits   with all others
    ((429, "{}"),                                RetryLater,  "429",                 30,     True),
    (ok_false("ratelimited"),                    RetryLater,  "ratelimited",         30,     True),
    (ok_false("rate_limited"),                   RetryLater,  "rate_limited",        30,     True),
    (ok_false("message_limit_exceeded"),         RetryLater,  "message_limit",       3600,   True),
    (ok_false("team_added_to_org"),              RetryLater,  "team_added_to_org",   3600,   True),
    (ok_false("org_login_required"),             RetryLater,  "org_login_required",  3600,   True),
    (ok_false("ekm_access_denied"),              RetryLater,  "ekm_access_denied",   3600,   True),
    ((500, "{}"),                                RetryLater,  "500",                 None,   False),
    ((503, '"<html>"'),                          RetryLater,  "503",                 None,   False),
    ((200, '"<html>"'),                          RetryLater,  "200",                 None,   False),
    (ok_false("internal_error"),                 RetryLater,  "internal_error",      None,   False),
    (ok_false("fatal_error"),                    RetryLater,  "fatal_error",         None,   False),
    (ok_false("service_unavailable"),            RetryLater,  "service_unavailable", None,   False),
    (ok_false("request_timeout"),                RetryLater,  "request_timeout",     None,   False),
    (ok_false("not_in_channel"),                 Pause,       "/invite",             None,   None),
    (ok_false("channel_not_found"),              Pause,       "SLACK_CHANNEL",       None,   None),
    (ok_false("is_archived"),                    Pause,       "archived",            None,   None),
    (ok_false("restricted_action"),              Pause,       "only some people",    None,   None),
    (ok_false("restricted_action_read_only_channel"), Pause,  "only some people",    None,   None),
    (ok_false("missing_scope"),                  Pause,       "chat:write",          None,   None),
    (ok_false("no_permission"),                  Pause,       "chat:write",          None,   None),
    (ok_false("invalid_auth"),                   Pause,       "not valid",           None,   None),
    (ok_false("not_authed"),                     Pause,       "not valid",           None,   None),
    (ok_false("token_revoked"),                  Pause,       "was revoked",         None,   None),
    (ok_false("token_expired"),                  Pause,       "has expired",         None,   None),
    (ok_false("account_inactive"),               Pause,       "switched off",        None,   None),
    (ok_false("external_channel_migrating"),     RetryLater,  "migrating",           3600,   True),
    (ok_false("not_allowed_token_type"),         Pause,       "xoxb-",               None,   None),
    (ok_false("access_denied"),                  Pause,       "install",             None,   None),
    (ok_false("accesslimited"),                  Pause,       "install",             None,   None),
    (ok_false("team_access_not_granted"),        Pause,       "install",             None,   None),
    (ok_false("two_factor_setup_required"),      Pause,       "two-factor",          None,   None),
    (ok_false("enterprise_is_restricted"),       Pause,       "administrator",       None,   None),
    (ok_false("as_user_not_supported"),          GiveUp,      "as_user_not_supp",    None,   None),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "outcome", "reason", "delay_s", "cooldown"), OUTCOMES)
@pytest.mark.parametrize("path", ["conversations.history", "chat.postMessage", "chat.update"])
def test_a_refusal_decides_what_becomes_of_the_run(office, path, answer, outcome, reason, delay_s, cooldown):
    if path == "chat.update":
        office.attempt(an_event("lead.created"))
    if path == "conversations.history":  # an attempt of unknown end may have begun the thread
        office.done.append(Earlier(event=an_event("lead.created"), outcome=""))
    office.world.fail("slack", status=answer[0], body=answer[1], path=path)

    refusal = office.fail(an_event(), error=outcome)

    assert reason in str(refusal)
    assert (getattr(refusal, "delay_s", None), getattr(refusal, "cooldown", None)) == (delay_s, cooldown)


@pytest.mark.parametrize("mode", ["reset", "drop"])
def test_no_answer_is_tried_again(office, mode):
    office.world.fail("slack", mode=mode, path="chat.postMessage")

    assert "did not answer" in str(office.fail(an_event()))


def test_no_request_is_begun_once_the_attempts_time_is_up(office):
    with within(0):
        refusal = office.fail(an_event())
        looked = office.fail(an_event(), attempt=2)

    assert (refusal.failure, looked.failure) == ("timeout", "timeout")
    assert office.world.exchanges == []


def test_a_slack_that_cannot_be_reached_is_tried_again(office):
    office.env["SLACK_API_URL"] = "http://127.0.0.1:9/api/"

    assert "did not answer" in str(office.fail(an_event()))


def test_slack_is_left_alone_for_as_long_as_it_asks(office):
    office.world.fail("slack", status=429, headers={"Retry-After": "7"}, path="chat.postMessage")

    refusal = office.fail(an_event())

    assert (refusal.delay_s, refusal.cooldown) == (7, True)


def test_one_message_a_second_is_posted():
    handler = registry.load("handlers")["slack.post"]

    assert (handler.pace_s, handler.parallel) == (1, 1)


# Incoming webhooks


def webhook(world, **changes):
    allowed = world.url.removeprefix("http://")
    return Office(
        world, SLACK_BOT_TOKEN="", SLACK_WEBHOOK_URL=world.slack_webhook_url, FORWARD_ALLOW_HOSTS=allowed, **changes
    )


@pytest.mark.parametrize("kind", KINDS)
def test_an_incoming_webhook_gets_a_message_for_each_event(world, kind):
    outcome = webhook(world).attempt(an_event(kind))

    [message] = world.slack.messages
    assert outcome == "ok"
    assert message["metadata"] == {}
    assert "Ada Moreno" in texts(message)


WEBHOOK_OUTCOMES = [
    # status  says                   the run is   waits   with all others
    (429,     "",                    RetryLater,  None,   True),
    (500,     "",                    RetryLater,  None,   False),
    (503,     "",                    RetryLater,  None,   False),
    (400,     "invalid_payload",     GiveUp,      None,   None),
    (400,     "no_text",             GiveUp,      None,   None),
    (403,     "action_prohibited",   Pause,       None,   None),
    (403,     "invalid_token",       Pause,       None,   None),
    (404,     "no_service",          Pause,       None,   None),
    (404,     "channel_not_found",   Pause,       None,   None),
    (410,     "channel_is_archived", Pause,       None,   None),
    (302,     "",                    GiveUp,      None,   None),
]  # fmt: skip


@pytest.mark.parametrize(("status", "answer", "outcome", "delay_s", "cooldown"), WEBHOOK_OUTCOMES)
def test_a_webhooks_refusal_decides_what_becomes_of_the_run(world, status, answer, outcome, delay_s, cooldown):
    world.fail("slack", status=status, body=json.dumps(answer), times=2)

    refusal = webhook(world).fail(an_event(), error=outcome)

    assert str(status) in str(refusal)
    assert (getattr(refusal, "delay_s", None), getattr(refusal, "cooldown", None)) == (delay_s, cooldown)
    assert world.url not in str(refusal)
    assert "/services/" not in str(refusal)


def test_a_webhook_that_takes_no_blocks_gets_plain_text(world):
    world.fail("slack", status=400, body='"invalid_blocks"')

    webhook(world).attempt(an_event())

    assert world.slack.messages[0]["blocks"] == []
    assert "Toothache" in world.slack.messages[0]["text"]


def test_a_webhook_on_a_private_address_is_not_called(world):
    office = webhook(world)
    office.env |= {"SLACK_WEBHOOK_URL": "https://127.0.0.1:9/services/secret", "FORWARD_ALLOW_HOSTS": ""}

    assert "private address" in str(office.fail(an_event(), error=GiveUp))


MISCONFIGURED = [
    ({"SLACK_WEBHOOK_URL": "http://hooks.slack.com/services/s3cret"},  "https://"),
    ({"SLACK_WEBHOOK_URL": "hooks.slack.com/services/s3cret"},         "https://"),
    ({"SLACK_WEBHOOK_URL": "https://u:s3cret@hooks.slack.com/x"},      "user name"),
    ({"SLACK_WEBHOOK_URL": "https://[s3cret/x"},                       "copy it again"),
    ({"SLACK_WEBHOOK_URL": "https://hooks.slack.com:s3cret/x"},        "copy it again"),
    ({"SLACK_BOT_TOKEN": "xapp-s3cret", "SLACK_CHANNEL": "c"},         "xoxb-"),
    ({"SLACK_BOT_TOKEN": '"xoxb-s3cret"', "SLACK_CHANNEL": "c"},       "quotes"),
    ({"SLACK_BOT_TOKEN": "t", "SLACK_CHANNEL": "c", "BUSINESS_LANGUAGE": "fr"},   "BUSINESS_LANGUAGE"),
    ({"SLACK_BOT_TOKEN": "t", "SLACK_CHANNEL": "c", "BUSINESS_TIMEZONE": "Mars"}, "BUSINESS_TIMEZONE"),
]  # fmt: skip


@pytest.mark.parametrize(("env", "why"), MISCONFIGURED)
def test_settings_that_cannot_work_are_told(env, why):
    activation = registry.load("handlers")["slack.post"].activate(env)

    assert activation.state == "misconfigured"
    assert why in activation.why
    assert "s3cret" not in activation.why
