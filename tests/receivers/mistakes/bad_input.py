"""Mistakes with what no sender should send, and anybody can."""

import gzip
import json
import threading
from contextlib import suppress

from tests.receivers.right import Right
from tests.receivers.serving import Refused

from .table import made_for


@made_for(80)
class CrashesOnGet(Right):
    """Has one function for every method, and there is no body to read in a GET."""

    def get(self, request):
        if request.path != "/effects":
            return self.reply(request, 500, {"status": "internal server error"})
        return super().get(request)


@made_for(81)
class CrashesOnNothing(Right):
    """Looks at the first byte of a body that has none."""

    def accepted(self, headers, body):
        if body[0] in b"{[":
            return super().accepted(headers, body)
        return 415, "not JSON"


@made_for(82)
class CrashesOnWhatIsNotJson(Right):
    """Parses what was signed, and expects it to be JSON."""

    def envelope(self, body):
        with suppress(UnicodeDecodeError):
            return json.loads(body.decode() or "{}")
        return {}


@made_for(83)
class CrashesOnWhatIsNotUtf8(Right):
    """Decodes the body before it does anything else."""

    def answer(self, headers, body):
        body.decode()
        return super().answer(headers, body)


@made_for(84)
class DiesOnDeepNesting(Right):
    """Parses before it verifies, and the parser calls itself for each bracket."""

    def answer(self, headers, body):
        with suppress(ValueError):
            json.loads(body)
        return super().answer(headers, body)


@made_for(85)
class CrashesOnAHugeBody(Right):
    """Has a limit, and nobody to turn the error into a 413."""

    def body(self, request):
        try:
            return super().body(request)
        except Refused as refused:
            raise ValueError("body too large") from refused


@made_for(85)
class DiesOfAHugeBody(Right):
    """Reads it all into memory until the machine ends the process."""

    def body(self, request):
        if int(request.headers.get("Content-Length", 0)) > self.body_bytes:
            threading.Thread(target=self.die).start()
        return super().body(request)

    def die(self):
        self.serving.shutdown()
        self.serving.server_close()


@made_for(86)
class CrashesOnManyHeaders(Right):
    """Answers 500 where the server gives up reading headers."""

    def unreadable(self, status):
        return 500


@made_for(87)
class WaitsForTheRest(Right):
    """Holds its only lock while it waits for the rest of a body that will never come."""

    ended = threading.Event()  # it is never set

    def body(self, request):
        if not self.lock.acquire(timeout=20):  # seconds: longer than the sender waits
            raise TimeoutError
        try:
            return super().body(request)
        except Refused as refused:
            self.ended.wait(20 if refused.status == 400 else 0)
            raise
        finally:
            self.lock.release()


@made_for(88)
class CrashesOnGzip(Right):
    """Unpacks what calls itself compressed without expecting that it may not be JSON then."""

    def answer(self, headers, body):
        if headers.get("Content-Encoding") == "gzip":
            json.loads(gzip.decompress(body).decode("ascii") + "}")
        return super().answer(headers, body)


@made_for(89)
class LocksOutAfterFailures(Right):
    """Bars an address after three bad signatures: one forger behind the same proxy bars InboundFlow."""

    failures = 0

    def answer(self, headers, body):
        if self.failures >= 3:
            return 429, "too many failures"
        status, words = super().answer(headers, body)
        self.failures += status == 401
        return status, words
