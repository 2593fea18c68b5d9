import pytest

from handlers.slack.text import escaped, for_plain_text
from receiver.toolkit import one_line


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


LINES = [
    # a caller says       shown on one line
    ("a\nb\r\nc",         "a b c"),
    ("  a \t b  ",        "a b"),
    ("\u202egnp.exe\x00", "gnp.exe"),
    (" \u2066\n ",        ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line"), LINES)
def test_one_line_holds_no_breaks_and_no_hidden_characters(text, line):
    assert one_line(text) == line


ESCAPED = [
    ("<!channel> & <@U1>", "&lt;!channel&gt; &amp; &lt;@U1&gt;"),
    ("*bold* ~no~ `code`", "∗bold∗ ∼no∼ ˋcodeˋ"),
    ("_it_ a_b",           "＿it＿ a_b"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "shown"), ESCAPED)
def test_a_messages_own_text_holds_no_mention_link_or_mark(text, shown):
    assert escaped(text, 100) == shown


def test_a_plain_text_object_shows_look_alikes_of_angle_brackets():
    assert for_plain_text("<b> & *c*", 100) == "‹b› & *c*"
