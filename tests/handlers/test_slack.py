import itertools
import json

import pytest

from handlers.slack import post
from handlers.slack.message import escaped
from mock_sender.destinations.slack import CHANNEL, URGENT_CHANNEL
from receiver import registry
from receiver.errors import GiveUp, LeaseLost, Pause, RetryLater
from receiver.registry import Earlier
from receiver.worker.attempt import verdict
from tests.tools import a_run, booked, completed, lead, transferred


def run_at(world, event, *, more=None, **changes):
    return a_run("slack.post", world.env | (more or {}), event, **changes)


def webhook(world):
    return {"SLACK_WEBHOOK_URL": world.slack_webhook_url, "FORWARD_ALLOW_HOSTS": world.url.removeprefix("http://")}


def tell(world, events, more=None):
    """Each event after the other, as the worker hands them out; what each run's outcome was."""
    earlier = []
    for event in events:
        outcome = post(event, run_at(world, event, more=more, earlier=tuple(earlier)))
        earlier.append(Earlier(event=event, outcome=outcome))
    return [one.outcome for one in earlier]


def texts(message):
    """All that a person or a parser would read in a message."""
    found = [message["text"]]
    for block in message["blocks"]:
        parts = (block.get("text"), *block.get("fields", []), *block.get("elements", []))
        found += [part["text"] if isinstance(part["text"], str) else part["text"]["text"] for part in parts if part]
    return found


CALL = [
    completed(key="d-1", urgency="medium", recording_url="https://recordings.example/1"),
    transferred(key="d-2", urgency="medium", transferred_to_label="Front desk"),
    booked(key="d-3", calendar_event_link="https://calendar.example/1"),
    lead(key="d-4", urgency="medium"),
]


@pytest.mark.parametrize("event", [completed(), transferred(), booked(), lead()], ids=lambda event: event.event)
def test_a_calls_first_event_becomes_a_message_whose_place_is_the_outcome(world, event):
    outcome = post(event, run_at(world, event))

    [message] = world.slack.messages
    assert (outcome, message["delivery_id"], message["thread_ts"]) == (f"{CHANNEL} {message['ts']}", "d-1", None)


def test_later_events_reply_in_its_thread_and_bring_the_first_message_up_to_date(world):
    tell(world, CALL)

    first, *replies = world.slack.messages
    assert [reply["thread_ts"] for reply in replies] == [first["ts"]] * 3
    assert [reply["blocks"][0]["text"]["text"] for reply in replies] == [
        "Call transferred", "Appointment booked", "New lead",
    ]  # fmt: skip
    assert "Call completed · Call transferred · Appointment booked · New lead" in texts(first)
    assert {"Transferred to\nFront desk", "Interest\nWhitening", "Phone\n+1 5550100"} <= set(texts(first))
    assert first["edits"] == 3
    assert first["metadata"]["event_payload"]["delivery_id"] == "d-1"


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_in_whatever_order_they_come_each_made_twice_the_thread_says_the_same_in_the_end(world, order):
    earlier = []
    for event in [CALL[number] for number in order]:
        known = tuple(earlier)
        outcomes = {post(event, run_at(world, event, earlier=known, attempt=attempt)) for attempt in (1, 2)}
        assert len(outcomes) == 1
        earlier.append(Earlier(event=event, outcome=outcomes.pop()))

    first, *replies = world.slack.messages
    expected = tell_in_order()
    assert {name: first[name] for name in ("text", "blocks")} == expected
    assert sorted(one["delivery_id"] for one in world.slack.messages) == ["d-1", "d-2", "d-3", "d-4"]
    assert {reply["thread_ts"] for reply in replies} == {first["ts"]}


def tell_in_order():
    from handlers.slack.message import of_call

    found = of_call(CALL, {"BUSINESS_LANGUAGE": "en", "BUSINESS_TIMEZONE": "UTC"})
    return {name: found[name] for name in ("text", "blocks")}


def test_an_event_of_no_call_is_a_message_of_its_own(world):
    event = completed(call_id=None)

    post(event, run_at(world, event))

    assert "Call unknown" in texts(world.slack.messages[0])


def test_a_call_that_is_urgent_goes_on_in_the_urgent_channel(world):
    events = [CALL[0], lead(key="d-4", urgency="High"), CALL[2]]

    outcomes = tell(world, events, more={"SLACK_URGENT_CHANNEL": URGENT_CHANNEL})

    assert [message["channel"] for message in world.slack.messages] == [CHANNEL, URGENT_CHANNEL, URGENT_CHANNEL]
    assert outcomes[2].endswith(f"in {world.slack.messages[1]['ts']}")
    assert world.slack.messages[1]["blocks"][0]["text"]["text"] == "Urgent: call from Ada Moreno"


def test_without_an_urgent_channel_there_is_one_thread(world):
    tell(world, [CALL[0], lead(key="d-4", urgency="high")])

    assert [message["thread_ts"] for message in world.slack.messages] == [None, world.slack.messages[0]["ts"]]


def test_after_the_channel_was_changed_a_call_begins_anew(world):
    first = post(CALL[0], run_at(world, CALL[0]))
    earlier = (Earlier(event=CALL[0], outcome=first),)

    outcome = post(CALL[2], run_at(world, CALL[2], more={"SLACK_CHANNEL": URGENT_CHANNEL}, earlier=earlier))

    assert outcome == f"{URGENT_CHANNEL} {world.slack.messages[1]['ts']}"


def test_a_thread_that_somebody_deleted_is_begun_again(world):
    outcome = post(CALL[0], run_at(world, CALL[0]))
    world.slack.delete(outcome.split()[1])

    again = post(CALL[2], run_at(world, CALL[2], earlier=(Earlier(event=CALL[0], outcome=outcome),)))

    [message] = world.slack.messages
    assert again == f"{CHANNEL} {message['ts']}"
    assert "Call completed · Appointment booked" in texts(message)


def test_spanish_speaks_the_business_and_its_zone(world):
    more = {"BUSINESS_LANGUAGE": "es", "BUSINESS_TIMEZONE": "America/Mexico_City"}

    tell(world, CALL, more=more)

    said = texts(world.slack.messages[0])
    assert "Llamada de Ada Moreno" in said
    assert "Llamada terminada · Llamada transferida · Cita reservada · Nuevo cliente potencial" in said
    assert "Cita\nmié 25 feb 2026, 05:00" in said


@pytest.mark.parametrize("name", ["BUSINESS_LANGUAGE", "BUSINESS_TIMEZONE"])
def test_a_language_or_zone_that_is_none_is_misconfigured(world, name):
    activation = registry.load("handlers")["slack.post"].activate(world.env | {name: "xx"})

    assert (activation.state, name in activation.why) == ("misconfigured", True)


HOSTILE = "<!channel> <https://evil.example|Your bank> *bold* _it_ `code` & \u202egnitset\u202c \x00\ud800 =1+1"


def test_what_a_caller_says_mentions_nobody_links_nowhere_and_is_marked_up_by_nothing(world):
    event = completed(caller_name=HOSTILE, summary=HOSTILE, intent=HOSTILE)

    tell(world, [event, booked(key="d-2", caller_name=HOSTILE, service_type=HOSTILE)])

    for message in world.slack.messages:
        assert "<" not in message["text"]
        assert not {"\u202e", "\x00", "\ud800"} & set("".join(texts(message)))
        assert {part["type"] for part in parts_of(message)} <= {"plain_text", "button"}


def parts_of(message):
    for block in message["blocks"]:
        yield from filter(None, (block.get("text"), *block.get("fields", []), *block.get("elements", [])))


def test_a_name_of_several_lines_stays_on_its_own(world):
    event = completed(caller_name="Ada\n\nPhone\n+1 900", summary="first\nsecond")

    post(event, run_at(world, event))

    assert world.slack.messages[0]["blocks"][0]["text"]["text"] == "Call from Ada Phone +1 900"
    assert "first\nsecond" in texts(world.slack.messages[0])


def test_long_texts_are_cut_to_slacks_limits_and_empty_ones_left_out(world):
    event = completed(summary="<" * 50_000, caller_name="x" * 50_000, intent="", urgency="  ", reason="r" * 5000)

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


LOST_ANSWERS = [
    # the call whose answer is lost     the requests of that kind before it
    ("chat.postMessage", 0),
    ("chat.postMessage", 1),
    ("chat.update",      0),
]  # fmt: skip


@pytest.mark.parametrize(("path", "before"), LOST_ANSWERS)
def test_what_arrived_although_its_answer_did_not_is_not_posted_again(world, path, before):
    outcome = post(CALL[0], run_at(world, CALL[0])) if before or path == "chat.update" else ""
    event = CALL[2] if outcome else CALL[0]
    earlier = (Earlier(event=CALL[0], outcome=outcome),) if outcome else ()
    world.fail("slack", mode="drop", path=path)

    with pytest.raises(RetryLater):
        post(event, run_at(world, event, earlier=earlier))
    again = post(event, run_at(world, event, earlier=earlier, attempt=2))

    assert again.split()[1] == world.slack.messages[-1]["ts"]
    assert len(world.slack.messages) == 1 + bool(outcome)
    if outcome:
        assert "Call completed · Appointment booked" in texts(world.slack.messages[0])


def test_a_thread_whose_beginning_was_never_told_is_found_by_the_calls_next_event(world):
    world.fail("slack", mode="drop", path="chat.postMessage")
    with pytest.raises(RetryLater):
        post(CALL[0], run_at(world, CALL[0]))

    second = post(CALL[2], run_at(world, CALL[2], earlier=(Earlier(event=CALL[0], outcome=""),)))
    first = post(CALL[0], run_at(world, CALL[0], earlier=(Earlier(event=CALL[2], outcome=second),), attempt=2))

    assert second.endswith(f"in {first.split()[1]}")
    assert len(world.slack.messages) == 2
    assert "Call completed · Appointment booked" in texts(world.slack.messages[0])


def test_what_was_posted_before_the_call_became_urgent_is_not_posted_again(world):
    more = {"SLACK_URGENT_CHANNEL": URGENT_CHANNEL}
    world.fail("slack", mode="drop", path="chat.postMessage")
    with pytest.raises(RetryLater):
        post(CALL[2], run_at(world, CALL[2], more=more))
    urgent = lead(key="d-4", urgency="high")
    other = post(urgent, run_at(world, urgent, more=more))

    post(CALL[2], run_at(world, CALL[2], more=more, earlier=(Earlier(event=urgent, outcome=other),), attempt=2))

    assert [message["channel"] for message in world.slack.messages] == [CHANNEL, URGENT_CHANNEL]


def test_a_message_that_did_not_arrive_is_posted_by_the_next_attempt(world):
    event = completed()
    world.fail("slack", mode="reset")

    with pytest.raises(RetryLater):
        post(event, run_at(world, event))
    post(event, run_at(world, event, attempt=2))

    assert len(world.slack.messages) == 1


def test_it_is_found_behind_many_others(world):
    event = completed()
    post(event, run_at(world, event))
    for number in range(1500):
        world.slack.keep({"channel": CHANNEL, "text": f"chat {number}"})

    post(event, run_at(world, event, attempt=2))

    assert len(world.slack.messages) == 1501


def test_a_worker_that_lost_its_lease_posts_nothing(world):
    def hold():
        raise LeaseLost

    with pytest.raises(LeaseLost):
        post(completed(), run_at(world, completed(), hold=hold))

    assert world.slack.messages == []


def said(code):
    return json.dumps({"ok": False, "error": code})


REFUSALS = [
    # status  Slack says                        the run is      for so long, all wait  because
    (429,     "{}",                             RetryLater,     30,    True,           "429"),
    (200,     said("ratelimited"),              RetryLater,     30,    True,           "ratelimited"),
    (200,     said("rate_limited"),             RetryLater,     30,    True,           "rate_limited"),
    (200,     said("message_limit_exceeded"),   RetryLater,     3600,  True,           "message_limit_exceeded"),
    (200,     said("internal_error"),           RetryLater,     5,     False,          "internal_error"),
    (200,     said("fatal_error"),              RetryLater,     5,     False,          "fatal_error"),
    (200,     said("service_unavailable"),      RetryLater,     5,     False,          "service_unavailable"),
    (200,     said("request_timeout"),          RetryLater,     5,     False,          "request_timeout"),
    (500,     "{}",                             RetryLater,     5,     False,          "500"),
    (503,     '"<html>"',                       RetryLater,     5,     False,          "503"),
    (200,     '"<html>"',                       RetryLater,     5,     False,          "200"),
    (200,     said("team_added_to_org"),        RetryLater,     3600,  True,           "team_added_to_org"),
    (200,     said("org_login_required"),       RetryLater,     3600,  True,           "org_login_required"),
    (200,     said("ekm_access_denied"),        RetryLater,     3600,  True,           "ekm_access_denied"),
    (200,     said("not_in_channel"),           Pause,          0,     False,          "/invite"),
    (200,     said("channel_not_found"),        Pause,          0,     False,          "by its id"),
    (200,     said("is_archived"),              Pause,          0,     False,          "archived"),
    (200,     said("restricted_action"),        Pause,          0,     False,          "ask its owner"),
    (200,     said("restricted_action_thread"), Pause,          0,     False,          "ask its owner"),
    (200,     said("missing_scope"),            Pause,          0,     False,          "chat:write"),
    (200,     said("no_permission"),            Pause,          0,     False,          "scopes"),
    (200,     said("invalid_auth"),             Pause,          0,     False,          "SLACK_BOT_TOKEN"),
    (200,     said("not_authed"),               Pause,          0,     False,          "SLACK_BOT_TOKEN"),
    (200,     said("token_revoked"),            Pause,          0,     False,          "was revoked"),
    (200,     said("token_expired"),            Pause,          0,     False,          "has expired"),
    (200,     said("account_inactive"),         Pause,          0,     False,          "switched off"),
    (200,     said("something_new"),            GiveUp,         0,     False,          "something_new"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "outcome", "delay_s", "all_wait", "reason"), REFUSALS)
def test_a_refusal_decides_what_becomes_of_the_run(world, status, body, outcome, delay_s, all_wait, reason):
    world.fail("slack", status=status, body=body)

    with pytest.raises(outcome, match=reason) as refusal:
        post(completed(), run_at(world, completed()))

    found = verdict(refusal.value, 0)
    assert delay_s * 0.8 <= found.delay_us / 1e6 <= delay_s * 1.2
    assert (found.hold_us > 0) == all_wait


@pytest.mark.parametrize("code", ["invalid_blocks", "msg_too_long", "msg_blocks_too_long", "metadata_too_large"])
def test_a_message_that_slack_finds_unfit_is_sent_once_more_as_plain_text(world, code):
    world.fail("slack", status=200, body=said(code))

    post(completed(), run_at(world, completed()))

    [message] = world.slack.messages
    assert message["blocks"] == []
    assert "Phone\n+1 5550100" in message["text"]


def test_a_message_that_is_unfit_even_so_is_a_dead_letter(world):
    for _ in range(2):
        world.fail("slack", status=200, body=said("invalid_blocks"))

    with pytest.raises(GiveUp, match="invalid_blocks"):
        post(completed(), run_at(world, completed()))


def test_slack_is_left_alone_for_as_long_as_it_asks(world):
    world.fail("slack", status=429, headers={"Retry-After": "7"})

    with pytest.raises(RetryLater) as refusal:
        post(completed(), run_at(world, completed()))

    assert (refusal.value.delay_s, refusal.value.all_runs) == (7, True)


def test_slack_gets_a_message_a_second():
    assert registry.load("handlers")["slack.post"].pace_s == 1


def test_an_incoming_webhook_gets_each_event_by_itself(world):
    event = completed()

    outcome = post(event, a_run("slack.post", webhook(world), event))

    assert (outcome, len(world.slack.messages)) == ("ok", 1)
    assert world.slack.messages[0]["blocks"][0]["text"]["text"] == "Call completed"


WEBHOOK_REFUSALS = [
    # status  what it says              the run is   because
    (429,     '"rate_limited"',         RetryLater,  "429"),
    (500,     '"rollup_error"',         RetryLater,  "500"),
    (400,     '"invalid_payload"',      GiveUp,      "400"),
    (403,     '"action_prohibited"',    Pause,       "403"),
    (404,     '"no_service"',           Pause,       "SLACK_WEBHOOK_URL"),
    (410,     '"channel_is_archived"',  Pause,       "410"),
    (302,     '""',                     GiveUp,      "moved"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "outcome", "reason"), WEBHOOK_REFUSALS)
def test_a_webhooks_refusal_decides_too_and_its_address_stays_secret(world, status, body, outcome, reason):
    world.fail("slack", status=status, body=body)

    with pytest.raises(outcome, match=reason) as refusal:
        post(completed(), a_run("slack.post", webhook(world), completed()))

    assert world.url not in str(refusal.value)


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/services/x", "https://user:pw@hooks.slack.com/x", "hooks.slack.com/x"]
)
def test_a_webhook_url_that_cannot_be_used_is_misconfigured_and_not_shown(url):
    activation = registry.load("handlers")["slack.post"].activate({"SLACK_WEBHOOK_URL": url})

    assert (activation.state, url in activation.why) == ("misconfigured", False)


def test_a_webhook_url_that_leads_inside_is_never_called(world):
    event = completed()
    inside = {"SLACK_WEBHOOK_URL": world.slack_webhook_url.replace("http:", "https:")}

    with pytest.raises(GiveUp, match="private address"):
        post(event, a_run("slack.post", inside, event))
