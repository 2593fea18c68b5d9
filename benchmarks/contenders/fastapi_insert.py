"""A receiver as people write it in FastAPI: checks the signature, inserts in one of FastAPI's threads, answers."""

import hashlib
import hmac
import json
import os
import sqlite3
import threading

from fastapi import FastAPI, HTTPException, Request
from fastapi.concurrency import run_in_threadpool

SECRET = os.environ["INBOUNDFLOW_SIGNING_SECRET"].encode()
PATH = os.environ["DATABASE"]
local = threading.local()
app = FastAPI()

with sqlite3.connect(PATH) as setup:
    setup.execute("PRAGMA journal_mode = WAL")
    setup.execute("CREATE TABLE IF NOT EXISTS deliveries (delivery_id TEXT PRIMARY KEY, body BLOB NOT NULL)")


def database():
    if not hasattr(local, "db"):
        local.db = sqlite3.connect(PATH, timeout=10)
        local.db.execute("PRAGMA synchronous = FULL")
    return local.db


def insert(delivery_id, body):
    with database() as db:
        db.execute("INSERT INTO deliveries VALUES (?, ?) ON CONFLICT DO NOTHING", (delivery_id, body))


@app.post("/webhooks/inboundflow")
async def receive(request: Request):
    body = await request.body()
    message = request.headers["X-InboundFlow-Timestamp"].encode() + b"." + body
    expected = "sha256=" + hmac.new(SECRET, message, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers["X-InboundFlow-Signature"]):
        raise HTTPException(401)
    await run_in_threadpool(insert, json.loads(body)["delivery_id"], body)
    return {"status": "stored"}
