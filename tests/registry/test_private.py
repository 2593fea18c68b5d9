import pytest

from receiver.registry.private import holds_value

SENTENCES = [
    # sentence                                        value                         holds some of it
    ("URL still has the … of an example in it",       "https://a.example/…",        False),
    ("TABS names 'Leeds', which is none of: leads",   "call=Calls, Leeds=L",        True),
    ("it has 'aaaa-secret-bbb'",                      "xaaaa-secret-bbbbbbbbb",     True),
    ("CALLS should be one of: each, none",            "x",                          False),
    ("CALLS has x",                                   "x",                          True),
    ("set TOKEN",                                     "",                           False),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "value", "holds"), SENTENCES)
def test_a_sentence_that_holds_some_of_a_value_is_recognised(sentence, value, holds):
    assert holds_value(sentence, [value]) == holds
