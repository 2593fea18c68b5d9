"""What the receivers in Python share, as parts.js is for those in Node: signature, table, a connection a thread."""

import hashlib
import hmac
import os
import sqlite3
import threading

SECRET = os.environ["INBOUNDFLOW_SIGNING_SECRET"].encode()
PATH = os.environ["DATABASE"]
local = threading.local()

with sqlite3.connect(PATH) as setup:
    setup.execute("PRAGMA journal_mode = WAL")
    setup.execute("CREATE TABLE IF NOT EXISTS deliveries (delivery_id TEXT PRIMARY KEY, body BLOB NOT NULL)")


def is_genuine(headers, body):
    message = headers["X-InboundFlow-Timestamp"].encode() + b"." + body
    expected = "sha256=" + hmac.new(SECRET, message, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, headers["X-InboundFlow-Signature"])


def insert(delivery_id, body):
    with database() as db:
        db.execute("INSERT INTO deliveries VALUES (?, ?) ON CONFLICT DO NOTHING", (delivery_id, body))


def database():
    if not hasattr(local, "db"):
        local.db = sqlite3.connect(PATH, timeout=10)
        local.db.execute("PRAGMA synchronous = FULL")
    return local.db
