"""Mistakes that let a forgery in, or keep a genuine delivery out, by its signature."""

import hashlib
import hmac
import re

from tests.receivers.javascript import stringified
from tests.receivers.right import Right

from .table import made_for


@made_for(20)
class AcceptsUnsigned(Right):
    """Takes a delivery without a signature for a test of its own."""

    def signed(self, headers, body):
        return not self.header(headers, "Signature") or super().signed(headers, body)


@made_for(20, 21, 22, 23, 24, 25, 26, 27)
class AnswersBeforeVerifying(Right):
    """Answers 200 at once and verifies in the background, so a forger never hears no."""

    def answer(self, headers, body):
        super().answer(headers, body)
        return 200, "accepted"


@made_for(21, 22, 23, 24, 25)
class LooksAtTheFormAlone(Right):
    """Is content with 64 hexadecimal digits."""

    def same(self, given, expected):
        return bool(re.fullmatch("(sha256=)?[0-9a-f]{64}", given))


@made_for(24)
class TriesSecondsAround(Right):
    """Lets a timestamp be a little off by trying the seconds around it."""

    def signed(self, headers, body):
        given, timestamp = self.header(headers, "Signature"), int(self.header(headers, "Timestamp"))
        around = range(timestamp - 2, timestamp + 3)
        return any(self.same(given, self.signature(key, at, body)) for at in around for key in self.secrets)


@made_for(25)
class AcceptsGithubsSignature(Right):
    """Takes an HMAC of the body alone too, which can be replayed for ever."""

    def signed(self, headers, body):
        alone = "sha256=" + hmac.new(self.secrets[0].encode(), body, hashlib.sha256).hexdigest()
        return super().signed(headers, body) or self.same(self.header(headers, "Signature"), alone)


@made_for(20, 26)
class VerifiesWhatIsThere(Right):
    """Compares only where there is something after `sha256=`."""

    def same(self, given, expected):
        return not given.removeprefix("sha256=") or super().same(given, expected)


@made_for(26, 27)
class ComparesAPrefix(Right):
    """Compares as many digits as it was given."""

    def same(self, given, expected):
        return bool(given) and expected.removeprefix("sha256=").startswith(given.removeprefix("sha256="))


@made_for(28)
class TellsTheRightSignature(Right):
    """Says in its answer to a forgery what it had expected, to ease debugging."""

    def answer(self, headers, body):
        status, words = super().answer(headers, body)
        expected = self.signature(self.secrets[0], self.header(headers, "Timestamp"), body)
        return status, words if status == 200 else f"{words}: expected {expected}"


@made_for(28)
class TellsItsSettings(Right):
    """Answers a forgery with a debug page, on which its settings stand."""

    def answer(self, headers, body):
        status, words = super().answer(headers, body)
        return status, words if status == 200 else f"{words}; SECRET={self.secrets[0]}"


@made_for(29, 30, 69)
class VerifiesRawBytesAlone(Right):
    """Does not do as the documentation's own verifier, which writes the body anew."""

    def texts(self, body):
        return [body]


@made_for(30)
class EscapesAsPythonDoes(Right):
    """Writes the body anew with json.dumps, which escapes every letter that is not ASCII."""

    def stringified(self, body):
        return stringified(body, ascii_only=True)


@made_for(69)
class KeepsTheOrderOfKeys(Right):
    """Writes the body anew with its keys as they came, where JavaScript puts whole numbers first."""

    def stringified(self, body):
        return stringified(body, in_order=False)


@made_for(31)
class KnowsOneSecret(Right):
    """Refuses what was signed before the secret was changed."""

    def __init__(self, secret, previous_secret=""):
        super().__init__(secret)
