"""A receiver as people write it in Flask: checks the signature, inserts, commits, answers.

With REDIS_URL it also puts a job into RQ before it answers, as most tutorials do.
"""

import os

from flask import Flask, request
from redis import Redis
from rq import Queue

from .parts import insert, is_genuine

queue = Queue(connection=Redis.from_url(os.environ["REDIS_URL"])) if "REDIS_URL" in os.environ else None
app = Flask(__name__)


@app.post("/webhooks/inboundflow")
def receive():
    body = request.get_data()
    if not is_genuine(request.headers, body):
        return {"status": "rejected"}, 401
    delivery_id = request.get_json()["delivery_id"]
    insert(delivery_id, body)
    if queue:
        queue.enqueue("builtins.len", delivery_id)
    return {"status": "stored"}
