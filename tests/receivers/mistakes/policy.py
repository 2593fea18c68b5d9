"""Mistakes that end with the webhook disabled."""

from tests.receivers.right import Right

from .table import made_for


@made_for(96)
class LeaksConnections(Right):
    """Takes a connection to its database for each delivery and gives none back: there are fifteen."""

    left = 15

    def accepted(self, headers, body):
        self.left -= 1
        if self.left < 0:
            raise ConnectionError("remaining connection slots are reserved")
        return super().accepted(headers, body)


@made_for(97)
class BarsWhoeverWasRefused(Right):
    """Bars an address for good after one bad signature."""

    barred = False

    def answer(self, headers, body):
        if self.barred:
            return 403, "barred"
        status, words = super().answer(headers, body)
        self.barred = status == 401
        return status, words
