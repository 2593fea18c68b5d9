"""An inbox in which something has failed, as the commands find it."""

import json

from receiver.events import Delivery
from receiver.inbox import Inbox, Verdict
from tests.support.cli import receiver
from tests.support.runs import Runs
from tests.support.tools import claim, finish

ON = {"SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/x"}
PHONE = "+15550100"
DEAD = Verdict(state="dead", result="gave-up", detail="no such channel", failed=True)
DONE = Verdict(state="succeeded", result="succeeded", detail="ok")


class Story:
    """An inbox with deliveries of one call each, and their outcomes at slack.post."""

    def __init__(self, db, env):
        self.db, self.runs = db, Runs(db)
        self.env = env | ON
        self.now = db.now_us()
        for n, (key, verdict) in enumerate({"a": DEAD, "b": DONE, "c": None, "d": DEAD}.items()):
            self.keep(key, event="lead.created" if key == "d" else "call.completed", ago_s=3600 * (4 - n))
            [delivery] = self.runs.undispatched(1)
            self.runs.open([(delivery, "slack.post", "")], [delivery["id"]], 1)
            if verdict:
                run = db.read("SELECT max(id) AS id FROM runs")[0]["id"]
                finish(self.runs, claim(self.runs, run, "me", 2), "me", verdict, 3)
        self.keep("came-before-slack-was-on", ago_s=60)
        [delivery] = self.runs.undispatched(1)
        self.runs.open([], [delivery["id"]], 1)

    def keep(self, key, *, event="call.completed", ago_s=0, call=""):
        body = json.dumps({"delivery_id": key, "event": event, "data": {"caller_phone": PHONE}}).encode()
        received_us = self.now - ago_s * 1_000_000
        Inbox(self.db).keep(
            Delivery(
                key=key,
                event=event,
                body=body,
                call_id=call or f"call-{key}",
                caller_phone=PHONE,
                received_us=received_us,
            )
        )

    def cli(self, *arguments, code=0, env=None):
        ran = receiver(*arguments, **self.env | (env or {}))
        assert (ran.returncode, "Traceback" in ran.stderr) == (code, False), ran.stderr
        return ran.stderr if code else json.loads(ran.stdout) if "--json" in arguments else ran.stdout

    def states(self):
        sql = "SELECT key, state FROM deliveries AS d LEFT JOIN runs AS r ON r.delivery_id = d.id ORDER BY d.id"
        return {row["key"]: row["state"] for row in self.db.read(sql)}
