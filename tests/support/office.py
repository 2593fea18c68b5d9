"""An inbox with several businesses, each with calls, runs, jobs, pauses and refusals that name it and no other."""

from __future__ import annotations

import json

from receiver import operations, registry, settings
from receiver.events import Delivery
from receiver.inbox import Inbox, Penned
from receiver.inbox.lives import write_lives
from receiver.inbox.pen import write_pen
from receiver.operations import Actor, Selection, pause_lanes
from receiver.registry import Lane

KEY = "a key for sealing, long enough"
NAMES = ("", "acme", "bolt")


def word(source):
    """That stands in everything of a business, and in nothing of another."""
    return f"{source or 'plain'}word"


class Office:
    def __init__(self, db, env):
        self.db, self.settings = db, settings.read(env | {"SECRET_KEY": KEY})
        self.routing = operations.Routing(self.settings, registry.load("handlers"), {})
        self.jobs, self.pens = {}, {}
        for number, source in enumerate(NAMES):
            if source:
                url = f"https://hooks.slack.com/services/{word(source)}"
                own = {"BUSINESS_NAME": f"{word(source)} Ltd", "SLACK_WEBHOOK_URL": url}
                operations.add_source(db, self.routing, source, variables=own)
            self.fill(source, f"+1555{number}7{number}4242")

    def fill(self, source, phone):
        me = word(source)
        for n, state in enumerate(("dead", "succeeded", "pending")):
            self.call(source, f"{me}-call-{n}", phone, state)
        pause_lanes(self.db, [Lane(source, "slack.post", "")], f"{me} asked for it", by=Actor(who=f"{me} person"))
        now_us = self.db.now_us()
        self.db.commit(lambda tx: write_lives(tx, source, [(me, now_us - n, "x") for n in range(4)], {}, now_us))
        headers = {"X-InboundFlow-Delivery-Id": f"{me}-refused", "X-InboundFlow-Event": "call.completed"}
        refused = Penned(received_us=now_us, reason="signature-mismatch", headers=headers, body=b"{}")
        self.db.commit(lambda tx: write_pen(tx, source, [refused]))
        of_all = Selection(source=source, state="dead")
        job = operations.make_cancel(self.db, of_all, f"{me} reason", by=Actor(who=f"{me} person"))
        self.jobs[source] = job.id
        who = operations.subject(phones=[phone], source=source)
        assert operations.make_erasure(self.db, who, by=Actor(who=f"{me} person")) == job.id  # one number names both
        operations.work_on_erasures(self.db, self.settings, ())

    def call(self, source, call_id, phone, state):
        me = word(source)
        data = {"call_id": call_id, "caller_phone": phone, "caller_name": f"{me} Caller", "summary": f"{me} asked"}
        body = json.dumps({"event": "call.completed", "delivery_id": call_id, "data": data}).encode()
        received_us = self.db.now_us() - 600_000_000
        Inbox(self.db).keep(Delivery(
            key=call_id, event="call.completed", source=source, body=body, call_id=call_id, caller_phone=phone,
            received_us=received_us,
        ))  # fmt: skip

        def write(tx):
            sql = "UPDATE deliveries SET dispatched_us = 1 WHERE key = ? RETURNING id"
            delivery = tx.execute(sql, (call_id,)).fetchone()["id"]
            sql = (
                "INSERT INTO runs (delivery_id, source, handler, target, call_id, state, next_attempt_us, last_error) "
                "VALUES (?, ?, 'slack.post', '', ?, ?, 1, ?)"
            )
            tx.execute(sql, (delivery, source, call_id, state, f"{me} error"))

        self.db.commit(write)

    def state(self, source):
        """Everything of a business, to see whether anything was changed."""
        tables = {
            "deliveries": "key, dispatched_us, erased_us, length(body) AS size", "runs": "id, state", "pen": "id",
            "pauses": "handler, target, reason", "callbacks": "id", "audit": "id", "calls": "call_id",
            "erasures": "id, state",
        }  # fmt: skip
        rows = {
            table: [tuple(dict(row).values()) for row in self.db.read(f"SELECT {columns} FROM {table} WHERE source = ?", (source,))]
            for table, columns in tables.items()
        }  # fmt: skip
        rows["job"] = self.db.read("SELECT state FROM jobs WHERE id = ?", (self.jobs[source],))[0]["state"]
        return rows
