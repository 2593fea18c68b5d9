import pytest

from receiver.inbox.states import FAILURES
from receiver.telemetry.slugs import event_label, failure_label

LABELS = [
    # what was met                the label
    ("",                          ""),
    ("refused-503",               "refused-503"),
    ("refused-999",               "refused-other"),
    ("refused-+34600111222",      "refused-other"),
    ("my-own-slug",               "my-own-slug"),
    ("Ada Moreno",                "other"),
    ("a\nb",                      "other"),
    ("x" * 41,                    "other"),
    ("über",                      "other"),
]  # fmt: skip


@pytest.mark.parametrize(("failure", "label"), LABELS)
def test_a_label_is_one_of_a_few(failure, label):
    assert failure_label(failure) == label


def test_every_failure_of_the_core_is_a_label():
    slugs = [name for name in FAILURES if "<" not in name]

    assert [failure_label(name) for name in slugs] == slugs


@pytest.mark.parametrize("event", ["", "call.exploded", 'x"} 1\n', "\ud800", "call.completed "])
def test_an_event_that_somebody_makes_up_is_other(event):
    assert (event_label(event), event_label("lead.created")) == ("other", "lead.created")
