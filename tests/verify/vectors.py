"""Writes tests/vectors.json: signatures worked out by openssl and by the stripe package, which sign the same way.

Run from the checkout: .venv/bin/python -m tests.verify.vectors
"""

import json
import subprocess

import stripe

from tests.support.processes import CHECKOUT

ROWS = [
    ("s3cret", "1709064000", "{}"),
    ("a longer secret with spaces", "1709064000", '{"event":"call.completed","data":{"summary":"Brakes"}}'),
    ("sécret-ñ", "1772000000", '{"name":"María José 😀","phone":"+15550100"}'),
    ("s3cret", "0", ""),
    ("s3cret", "1709064000", '{ "spaced" : [ 1.0, 2 ] }\n'),
]

JAVASCRIPT = [
    ('{"b":1,"a":2}', '{"b":1,"a":2}'),
    (' [ 1.0 , 2e3, -0, 1e21, 1e-7, 0.000001 ] ', "[1,2000,0,1e+21,1e-7,0.000001]"),
    ('{"b":0,"10":1,"9":2,"01":3,"4294967295":4}', '{"9":2,"10":1,"b":0,"01":3,"4294967295":4}'),
    ('{"a":1,"b":2,"a":3}', '{"a":3,"b":2}'),
    ('{"__proto__":{"x":1}}', '{"__proto__":{"x":1}}'),
    (r'"\u00e9\/\ud83d\ude00\ud800\u001F\u007f\b"', '"é/😀\\ud800\\u001f\x7f\\b"'),
    ("[1e400,123456789012345678901234567890,9007199254740993]", "[null,1.2345678901234568e+29,9007199254740992]"),
]  # fmt: skip


def openssl(secret, timestamp, body):
    command = ["openssl", "dgst", "-sha256", "-hmac", secret]
    said = subprocess.run(command, input=f"{timestamp}.{body}".encode(), capture_output=True, check=True).stdout
    return said.decode().split()[-1]


def with_stripe(secret, timestamp, body):
    return stripe.WebhookSignature._compute_signature(f"{timestamp}.{body}", secret)


if __name__ == "__main__":
    signatures = [
        {"made_with": name, "secret": s, "timestamp": t, "body": b, "signature": f"sha256={make(s, t, b)}"}
        for name, make in (("printf %s.%s TIMESTAMP BODY | openssl dgst -sha256 -hmac SECRET", openssl), ("stripe", with_stripe))
        for s, t, b in ROWS
    ]  # fmt: skip
    found = {"signatures": signatures, "javascript": JAVASCRIPT}
    (CHECKOUT / "tests" / "vectors.json").write_text(json.dumps(found, indent=1, ensure_ascii=True) + "\n")
