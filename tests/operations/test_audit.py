import json

from receiver.inbox import Inbox
from receiver.operations import Selection
from receiver.operations.audit import note_runs
from tests.support.deliveries import a_delivery


def test_each_source_has_a_note_of_its_own_with_its_own_keys(db):
    for source, key in (("bakery", "b-1"), ("garage", "g-1"), ("garage", "g-2")):
        Inbox(db).keep(a_delivery(source=source, key=key))
    ids = tuple(row["id"] for row in db.read("SELECT id FROM deliveries ORDER BY id"))

    note_runs(db, "cancel", Selection(ids=ids, state="dead"), {"garage": 2, "bakery": 1}, {"reason": "by hand"})

    notes = db.read("SELECT source, action, detail, at_us FROM audit ORDER BY id")
    asked = {"state": "dead", "reason": "by hand"}
    assert [(note["source"], note["action"], json.loads(note["detail"])) for note in notes] == [
        ("bakery", "cancel", {"keys": ["b-1"], **asked, "runs": 1}),
        ("garage", "cancel", {"keys": ["g-1", "g-2"], **asked, "runs": 2}),
    ]
    assert abs(notes[0]["at_us"] - db.now_us()) < 60_000_000


def test_where_nothing_is_named_no_key_is_read(db):
    Inbox(db).keep(a_delivery(key="d-1"))

    note_runs(db, "replay", Selection(handler="slack.post"), {"": 1}, {})

    [note] = db.read("SELECT detail FROM audit")
    assert json.loads(note["detail"]) == {"keys": [], "handler": "slack.post", "runs": 1}
