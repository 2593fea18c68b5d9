"""A receiver as people write it: checks the signature, inserts, commits, answers."""

import hashlib
import hmac
import os
import sqlite3
import threading

from flask import Flask, request

SECRET = os.environ["INBOUNDFLOW_SIGNING_SECRET"].encode()
PATH = os.environ["DATABASE"]
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
    with database() as db:
        row = (request.get_json()["delivery_id"], body)
        db.execute("INSERT INTO deliveries VALUES (?, ?) ON CONFLICT DO NOTHING", row)
    return {"status": "stored"}
