"""The channel as its members see it."""

import json

import pytest

from mock_sender.destinations.slack import CHANNEL, TOKEN, URGENT_CHANNEL
from mock_sender.destinations.view.mrkdwn import Span, spans
from mock_sender.destinations.view.slack import SHOWN, channels, lines

HEADER = {"type": "header", "text": {"type": "plain_text", "text": "Ada *Moreno*"}}
FIELDS = {
    "type": "section",
    "fields": [{"type": "mrkdwn", "text": "*Phone*"}, {"type": "mrkdwn", "text": "<tel:+15550100|+1 555-0100>"}],
}


def post(played, text, *blocks, channel=CHANNEL, **more):
    asked = {"channel": channel, "text": text, "blocks": list(blocks), **more}
    status, answer = played.slack.answer(
        "POST", "/api/chat.postMessage", "",
        {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}, json.dumps(asked).encode(),
    )  # fmt: skip
    assert (status, answer["ok"]) == (200, True), answer
    return answer["ts"]


MARKS = [
    # mrkdwn                                    what is shown
    ("a &lt;b&gt; &amp;lt;",                    (Span(text="a <b> &lt;"),)),
    ("*Phone*",                                 (Span(text="Phone", bold=True),)),
    ("2*3*4",                                   (Span(text="2*3*4"),)),
    ("<tel:+1555|+1 555>",                      (Span(text="+1 555", link="tel:+1555"),)),
    ("see <https://a.example/?a=1&amp;b=2>",    (Span(text="see "), Span(text="https://a.example/?a=1&b=2", link="https://a.example/?a=1&b=2"))),
    ("<javascript:alert(1)|click>",             (Span(text="click"),)),
    ("<@U1> <!subteam^S1> <!here> <#C1|desk>",  (Span(text="@U1", bold=True), Span(text=" "), Span(text="@S1", bold=True), Span(text=" "), Span(text="@here", bold=True), Span(text=" "), Span(text="#desk", bold=True))),
    ("",                                        ()),
]  # fmt: skip


@pytest.mark.parametrize(("text", "shown"), MARKS)
def test_marks_are_shown_as_slack_shows_them(text, shown):
    assert spans(text) == shown


def test_a_message_stands_with_its_thread_and_the_newest_call_first(played):
    first = post(played, "first", HEADER, FIELDS)
    post(played, "a reply", thread_ts=first)
    post(played, "second")
    post(played, "urgent", channel=URGENT_CHANNEL)

    desk, urgent = channels(played)

    assert [channel.name for channel in (desk, urgent)] == ["front-desk", "urgent"]
    assert [len(message.replies) for message in desk.messages] == [0, 1]
    assert desk.messages[1].blocks[0].parts == ((Span(text="Ada *Moreno*"),),)
    assert [line for line in lines([desk], "en", 80) if "InboundFlow" not in line] == [
        "#front-desk", "│ second", "", "│ Ada *Moreno*", "│ Phone           +1 555-0100", "│ 1 reply", "│   ↳ a reply",
    ]  # fmt: skip


def test_what_was_deleted_and_edited_is_seen_as_that(played):
    parent = post(played, "first")
    post(played, "a reply", thread_ts=parent)
    played.slack.delete(parent)
    gone = post(played, "second")
    played.slack.delete(gone)
    edited = post(played, "third")
    played.slack.update({"channel": CHANNEL, "ts": edited, "text": "third, edited"})

    [channel] = channels(played)

    texts = [(m.blocks[0].parts[0][0].text, m.edited, len(m.replies)) for m in channel.messages]
    assert texts == [("third, edited", True, 0), ("This message was deleted.", False, 1)]


def test_of_many_messages_the_newest_are_shown_and_the_others_counted(played):
    for number in range(SHOWN + 2):
        post(played, f"call {number}")

    [channel] = channels(played)

    assert (len(channel.messages), channel.earlier) == (SHOWN, 2)
    assert lines([channel], "es", 80)[-1] == "… y 2 anteriores"
