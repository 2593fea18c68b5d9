"""A receiver as people write it in Flask: checks the signature, inserts, commits, answers.

With REDIS_URL it also puts a job into RQ before it answers, as most tutorials do.
"""

import hashlib
import hmac
import os
import sqlite3
import threading

from flask import Flask, request
from redis import Redis
from rq import Queue

SECRET = os.environ["INBOUNDFLOW_SIGNING_SECRET"].encode()
PATH = os.environ["DATABASE"]
queue = Queue(connection=Redis.from_url(os.environ["REDIS_URL"])) if "REDIS_URL" in os.environ else None
local = threading.local()
app = Flask(__name__)

with sqlite3.connect(PATH) as setup:
    setup.execute("PRAGMA journal_mode = WAL")
    setup.execute("CREATE TABLE IF NOT EXISTS deliveries (delivery_id TEXT PRIMARY KEY, body BLOB NOT NULL)")


def database():
    if not hasattr(local, "db"):
        local.db = sqlite3.connect(PATH, timeout=10)
        local.db.execute("PRAGMA synchronous = FULL")
    return local.db


@app.post("/webhooks/inboundflow")
def receive():
    body = request.get_data()
    message = request.headers["X-InboundFlow-Timestamp"].encode() + b"." + body
    expected = "sha256=" + hmac.new(SECRET, message, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers["X-InboundFlow-Signature"]):
        return {"status": "rejected"}, 401
    delivery_id = request.get_json()["delivery_id"]
    with database() as db:
        db.execute("INSERT INTO deliveries VALUES (?, ?) ON CONFLICT DO NOTHING", (delivery_id, body))
    if queue:
        queue.enqueue("builtins.len", delivery_id)
    return {"status": "stored"}
