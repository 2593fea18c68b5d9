"""InboundFlow's webhook in Flask: the bytes are verified as they came, and whatever is signed gets 200.

    gunicorn --threads 40 flask_right:app

MISTAKE=dumps verifies what the parsed body is written as, MISTAKE=conflict answers 409 to a duplicate.
"""

import hashlib
import hmac
import json
import os
import time

from flask import Flask, jsonify, request

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 1024 * 1024  # a long transcript has a fifth of it
seen = set()  # in earnest: a table with a unique column
MISTAKE = os.environ.get("MISTAKE")


def is_genuine(timestamp, signature, body):
    if not (timestamp.isascii() and timestamp.isdecimal() and abs(time.time() - int(timestamp[:12])) <= 300):
        return False
    key = os.environ["WEBHOOK_SECRET"].encode()
    expected = "sha256=" + hmac.new(key, f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode())


@app.post("/webhook")
def webhook():
    body = request.get_data()
    if MISTAKE == "dumps":
        body = json.dumps(request.get_json(), separators=(",", ":")).encode()
    headers = request.headers
    if not is_genuine(headers.get("X-InboundFlow-Timestamp", ""), headers.get("X-InboundFlow-Signature", ""), body):
        return jsonify(error="invalid signature"), 401
    if keep(body):
        return jsonify(status="stored")
    return jsonify(status="duplicate"), 409 if MISTAKE == "conflict" else 200


def keep(body):
    """Whether it is new. The work on it comes after the answer, in a queue."""
    try:
        key = json.loads(body)["delivery_id"]
    except (ValueError, TypeError, KeyError, RecursionError):
        key = None
    key = key if isinstance(key, str) else hashlib.sha256(body).hexdigest()
    is_new = key not in seen
    seen.add(key)
    return is_new
