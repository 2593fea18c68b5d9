import pytest

from receiver.inbox.lives import write_lives
from receiver.operations import lives_lost, lives_problem
from receiver.operations.lives import TEXTS, UNSEEN


@pytest.fixture
def lose(db):
    def lose(number, source=""):
        now_us = db.now_us()
        refused = [("ours", now_us - n, "signature-mismatch") for n in range(number)]
        db.commit(lambda tx: write_lives(tx, source, refused, {}, now_us))

    return lose


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (0, ""),
        (2, ""),
        (3, f"3 of 10 lives lost; the next success resets it. {UNSEEN}"),
        (10, f"{TEXTS('off', lives=10)} {UNSEEN}"),
        (11, f"{TEXTS('off', lives=10)} {UNSEEN}"),
    ],
)
def test_readyz_says_it_from_three_on(db, lose, number, sentence):
    lose(number)

    assert lives_problem(db) == sentence


def test_they_are_told_by_source_with_reasons_and_times(db, lose):
    lose(1)
    lose(4, "garage")

    document = [lives.to_json() for lives in lives_lost(db)]

    assert [(lives.get("source"), lives["lost"], lives["lives"], lives["reasons"]) for lives in document] == [
        (None, 1, 10, {"signature-mismatch": 1}),
        ("garage", 4, 10, {"signature-mismatch": 4}),
    ]
    assert "since_at" in document[0]


def test_they_are_told_in_spanish(lose, db):
    lose(4)

    assert lives_lost(db)[0].describe("es") == "4 de 10 vidas perdidas; el próximo éxito las devuelve todas."
