"""Plans with some trouble, and what the receiver's verifier makes of them: it was written without the sender."""

import random
from datetime import UTC, datetime

from werkzeug.datastructures import Headers

from mock_sender import payloads, trouble
from receiver.errors import RejectedRequest
from receiver.sources import Source
from receiver.verify import Verifier

NOW = 1_772_000_000
AT = datetime.fromtimestamp(NOW, UTC)


def a_plan(*names, seed=1, number=1, url="http://127.0.0.1:9/"):
    wanted = [payloads.sample(random.Random(n), "call.completed", AT) for n in range(number)]
    return trouble.plan(wanted, url=url, secret="new", previous_secret="old", names=names, seed=seed, timestamp=NOW)


def the_request(*names, seed=1):
    return a_plan(*names, seed=seed).rounds[0].requests[0]


def verdict(request):
    """What the receiver makes of it: "" where it is authentic."""
    verifier = Verifier(Source(secrets=(b"new", b"old")), now=lambda: NOW)
    try:
        stale = verifier.read(Headers(request.headers), request.body).stale
    except RejectedRequest as error:
        return error.reason
    return stale.reason if stale else ""
