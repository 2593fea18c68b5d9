"""InboundFlow's webhook in Flask, as tutorials write it: parsed first, written anew to verify, worked on in the request."""

import hashlib
import hmac
import json
import os

from flask import Flask, jsonify, request

app = Flask(__name__)
seen = set()


def is_signed(event):
    timestamp = request.headers["X-InboundFlow-Timestamp"]
    message = f"{timestamp}.{json.dumps(event, separators=(',', ':'))}"
    expected = hmac.new(os.environ["WEBHOOK_SECRET"].encode(), message.encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"sha256={expected}", request.headers["X-InboundFlow-Signature"])


@app.post("/webhook")
def webhook():
    event = request.get_json()
    if not is_signed(event):
        return jsonify(error="invalid signature"), 401
    if event["delivery_id"] in seen:
        return jsonify(status="duplicate"), 409
    seen.add(event["delivery_id"])
    if event["event"] == "call.completed":
        add_to_crm(event["data"])
    return jsonify(status="ok")


def add_to_crm(call):
    print(f"{call['caller_name'].title()} ({call['caller_phone']}) called for {int(call['duration_seconds'])} seconds")


if __name__ == "__main__":
    app.run(port=int(os.environ["PORT"]))
