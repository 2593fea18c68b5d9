import pytest

from handlers.slack.text import escaped, for_plain_text


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
