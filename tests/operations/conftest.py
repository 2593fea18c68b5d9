import pytest

from receiver.events import Delivery
from receiver.inbox import Inbox

STATES = ("dead", "succeeded", "pending", "skipped")


@pytest.fixture
def kept(db):
    """Twenty deliveries, several of one moment, with a run each; one run more for every fifth."""
    for n in range(20):
        event = "lead.created" if n % 4 == 0 else "call.completed"
        Inbox(db).keep(
            Delivery(key=f"d-{n:02}", event=event, call_id=f"call-{n}", body=b"{}", received_us=1000 + n // 3)
        )
    sql = "INSERT INTO runs (delivery_id, handler, state, next_attempt_us) VALUES (?, ?, ?, 1)"
    ids = [row["id"] for row in db.read("SELECT id FROM deliveries ORDER BY id")]
    db.commit(lambda tx: [tx.execute(sql, (row, "slack.post", STATES[n % 4])) for n, row in enumerate(ids)])
    db.commit(lambda tx: [tx.execute(sql, (row, "hubspot.keep_contact", "dead")) for row in ids[::5]])
