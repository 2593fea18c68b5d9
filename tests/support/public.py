"""What a receiver answers at its public address to a question without a signature."""

import json

from cryptography import x509

OURS = json.dumps({"status": "rejected", "reason": "signature-missing", "detail": "…"})
LOG_IN = "https://elsewhere.example/log-in?next=%2Fsecret"


def called(name):
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
