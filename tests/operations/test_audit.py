from receiver.inbox import Inbox
from receiver.operations import Selection
from receiver.operations.audit import notes_on_runs
from tests.support.deliveries import a_delivery


def test_each_source_has_a_note_of_its_own_with_its_own_keys(db):
    for source, key in (("bakery", "b-1"), ("garage", "g-1"), ("garage", "g-2")):
        Inbox(db).keep(a_delivery(source=source, key=key))
    ids = tuple(row["id"] for row in db.read("SELECT id FROM deliveries ORDER BY id"))

    notes = notes_on_runs(db, Selection(ids=ids, state="dead"), {"garage": 2, "bakery": 1}, {"reason": "by hand"})

    asked = {"state": "dead", "reason": "by hand"}
    assert list(notes.items()) == [
        ("bakery", {"keys": ["b-1"], **asked, "runs": 1}),
        ("garage", {"keys": ["g-1", "g-2"], **asked, "runs": 2}),
    ]


def test_where_nothing_is_named_no_key_is_read(db):
    Inbox(db).keep(a_delivery(key="d-1"))

    notes = notes_on_runs(db, Selection(handler="slack.post"), {"": 1}, {})

    assert notes == {"": {"keys": [], "handler": "slack.post", "runs": 1}}
