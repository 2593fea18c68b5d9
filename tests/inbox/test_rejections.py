from receiver.inbox import Rejections
from receiver.inbox.rejections import SAMPLES_HELD, SAMPLES_KEPT
from tests.support.tools import tuples


def test_rejections_are_counted_by_reason_and_minute(db):
    minute = iter([0, 1, 60_000_000, 60_000_001])
    rejections = Rejections(db, lambda: next(minute))

    for reason in ("signature-mismatch", "signature-mismatch", "signature-mismatch", "body-too-large"):
        rejections.count(reason, {})
    rejections.flush()

    assert tuples(db.read("SELECT * FROM rejections ORDER BY 1, 2")) == [
        (0, "signature-mismatch", 2),
        (1, "body-too-large", 1),
        (1, "signature-mismatch", 1),
    ]


def test_samples_are_capped_however_many_are_rejected(db):
    rejections = Rejections(db, lambda: 0)

    for _ in range(SAMPLES_KEPT // SAMPLES_HELD + 5):
        for _ in range(SAMPLES_HELD * 3):
            rejections.count("signature-mismatch", {"User-Agent": "junk"})
        rejections.flush()

    assert db.read("SELECT count(*) AS n FROM rejection_samples")[0]["n"] == SAMPLES_KEPT
