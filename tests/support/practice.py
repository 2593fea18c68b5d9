"""A practice's weeks of calls in an inbox, with what became of them at its destinations."""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta

from receiver.events import Delivery
from receiver.inbox import Inbox
from receiver.registry import Lane

SLACK, SHEETS, HUBSPOT = (
    Lane("", name, "") for name in ("slack.post", "google_sheets.append_row", "hubspot.keep_contact")
)
NAMES = ("María García", "Ana Ruiz", "J. Ortega", "Chidi Okafor", "Lena Fischer", "Tom Sanders", "Noor Haddad", "")
MATTERS = ("cleaning", "chipped tooth", "check-up", "whitening", "root canal")
SUMMARIES = (
    "Chipped tooth, asked for today. Hung up before a time was found.",
    "Wants to know what a cleaning costs and whether Saturday is possible.",
    "Asked whether the practice takes new patients, and will call again.",
)


class Practice:
    """`call` keeps the reports of one call; `ago_s` is when it ended."""

    def __init__(self, db, zone=None):
        self.db = db
        self.zone = zone
        self.number = 0

    def call(
        self, *, ago_s=600, events=("call.completed",), phone="+15550142", name="María García", call_id="", **data
    ):
        self.number += 1
        call_id = call_id or f"call-{self.number}"
        ended_us = self.db.now_us() - int(ago_s * 1e6)
        keys = []
        for n, event in enumerate(events):
            started = datetime.fromtimestamp(ended_us / 1e6 - 50).astimezone().isoformat()
            values = {
                "call_id": call_id, "caller_phone": phone, "caller_name": name, "duration_seconds": 40,
                "started_at": started, "summary": SUMMARIES[0], **data,
            }  # fmt: skip
            key = f"{call_id}-{n}"
            body = json.dumps({"event": event, "delivery_id": key, "data": values}).encode()
            Inbox(self.db).keep(
                Delivery(
                    key=key,
                    event=event,
                    body=body,
                    call_id=call_id,
                    caller_phone=phone,
                    received_us=ended_us + n * 1000,
                )
            )
            keys.append(key)
        return call_id

    def runs(self, call_id, **states):
        """slack="succeeded", sheets="dead": of each report of the call."""
        lanes = {"slack": SLACK, "sheets": SHEETS, "hubspot": HUBSPOT}

        def write(tx):
            rows = tx.execute("SELECT id, received_us FROM deliveries WHERE call_id = ?", (call_id,)).fetchall()
            for row in rows:
                tx.execute("UPDATE deliveries SET dispatched_us = ? WHERE id = ?", (row["received_us"], row["id"]))
                for name, state in states.items():
                    self.run(tx, row, call_id, lanes[name], state)

        self.db.commit(write)

    def run(self, tx, delivery, call_id, lane, state):
        error = "HubSpot answered 503" if state in ("dead", "retrying") else None
        at_us = delivery["received_us"] + 2_000_000
        sql = (
            "INSERT INTO runs (delivery_id, handler, target, call_id, state, attempts, failures, next_attempt_us, outcome, "
            "last_error) VALUES (?, ?, '', ?, ?, 1, ?, ?, ?, ?) RETURNING id"
        )
        outcome = f"{lane.handler}:C024/p{delivery['id']}" if state == "succeeded" else None
        values = (delivery["id"], lane.handler, call_id, state, int(bool(error)), at_us + 600_000_000, outcome, error)
        run = tx.execute(sql, values).fetchone()["id"]
        tx.execute(
            "INSERT INTO attempts (run_id, number, started_us, ended_us, result, detail) VALUES (?, 1, ?, ?, ?, ?)",
            (run, at_us, at_us + 400_000, "succeeded" if state == "succeeded" else "failed", error),
        )

    def weeks(self, days=30, *, each=12, seed=7):
        """So many days of calls up to now, with all that a practice sees."""
        chance = random.Random(seed)
        now = datetime.fromtimestamp(self.db.now_us() / 1e6, self.zone)
        for back in range(days, -1, -1):
            day = (now - timedelta(days=back)).replace(minute=0, second=0, microsecond=0)
            if day.weekday() == 6:
                continue
            for _ in range(chance.randint(each - 4, each + 4)):
                at = day.replace(
                    hour=chance.choice((8, 9, 9, 10, 10, 11, 12, 14, 15, 16, 17)), minute=chance.randint(0, 59)
                )
                ago_s = (now - at).total_seconds()
                if ago_s > 300:
                    self.one(chance, ago_s, dead=back == 0 and chance.random() < 0.1)

    def one(self, chance, ago_s, *, dead=False):
        also = chance.choice(
            ((), ("appointment.booked",), ("appointment.booked",), ("call.transferred",), ("lead.created",))
        )
        start = datetime.fromtimestamp(self.db.now_us() / 1e6, self.zone) + timedelta(days=chance.randint(1, 9))
        call = self.call(
            ago_s=ago_s,
            events=("call.completed", *also),
            phone=chance.choice((f"+1555{chance.randint(1000000, 9999999)}", "+15550142", "anonymous")),
            name=chance.choice(NAMES),
            summary=chance.choice(SUMMARIES),
            urgency=chance.choice(("low", "medium", "medium", "high")),
            duration_seconds=chance.randint(20, 400),
            service_type=chance.choice(MATTERS),
            transferred_to_label="Dr. Lee",
            appointment_time_start=start.replace(minute=0, second=0, microsecond=0).isoformat(),
            recording_url="https://recordings.inboundflow.example/r/1",
        )
        self.runs(call, slack="succeeded", sheets="succeeded", hubspot="dead" if dead else "succeeded")
