"""What the demo refuses is said in its terminal."""

import pytest

from receiver.up.refusals import new_reasons, say_refused
from tests.up.test_demo import stage

LOOKS = [
    # known                        now                                            new
    ({},                           {},                                            []),
    ({},                           {"signature-mismatch": 1},                     ["signature-mismatch"]),
    ({"signature-mismatch": 1},    {"signature-mismatch": 1},                     []),
    ({"signature-mismatch": 1},    {"signature-mismatch": 2, "body-too-slow": 1}, ["signature-mismatch", "body-too-slow"]),
]  # fmt: skip


@pytest.mark.parametrize(("known", "now", "new"), LOOKS)
def test_a_reason_is_new_where_more_was_refused_than_before(known, now, new):
    assert list(new_reasons(known, now)) == new


@pytest.mark.parametrize(
    ("lang", "reason", "words"),
    [
        ("es", "signature-mismatch", "Se rechazó una entrega (signature-mismatch).\nFírmala con el secreto de firma"),
        ("en", "body-too-large", "A delivery was refused (body-too-large). The log says more:"),
    ],
)
def test_a_refusal_is_said_with_what_to_do(tmp_path, capsys, lang, reason, words):
    say_refused(stage(tmp_path, lang), reason)

    assert words in capsys.readouterr().out
