"""Mistakes that lose genuine deliveries by what they are, or by how they come over the wire."""

from tests.receivers.right import Right
from tests.receivers.serving import Refused

from .table import made_for


class KnowsOthers(Right):
    missing = ""

    def accepted(self, headers, body):
        if self.header(headers, "Event") == self.missing:
            return 404, "no handler"
        return super().accepted(headers, body)


@made_for(1)
class HasNoHandlerForCalls(KnowsOthers):
    """Answers 404 to call.completed, as nothing is to be done for it."""

    missing = "call.completed"


@made_for(2)
class HasNoHandlerForTransfers(KnowsOthers):
    """Answers 404 to call.transferred, as nothing is to be done for it."""

    missing = "call.transferred"


@made_for(3)
class HasNoHandlerForAppointments(KnowsOthers):
    """Answers 404 to appointment.booked, as nothing is to be done for it."""

    missing = "appointment.booked"


@made_for(4)
class HasNoHandlerForLeads(KnowsOthers):
    """Answers 404 to lead.created, as nothing is to be done for it."""

    missing = "lead.created"


@made_for(5)
class RedirectsToSlash(Right):
    """Its framework sends /webhook to /webhook/, and the sender follows nothing."""

    def post(self, request):
        self.body(request)
        request.reply(308, b"", Location=request.path + "/")


@made_for(5)
class ShowsALoginPage(Right):
    """Stands behind the login of the whole site."""

    def post(self, request):
        self.body(request)
        request.reply(302, b"", Location="/login?next=/webhook")


@made_for(6)
class NeverEndsItsAnswer(Right):
    """Announces more than it writes, and keeps the connection."""

    def reply(self, request, status, said):
        request.reply(status, b"{", Content_Length=1000)


@made_for(6)
class AnswersWithAPage(Right):
    """Answers 200 with the whole front page of the site, 100 kB."""

    def reply(self, request, status, said):
        request.reply(status, b"<p>Welcome" * 10_000)


@made_for(7, 8)
class ReadsHeadersInTheirCase(Right):
    """Knows a header only as the documentation writes it."""

    def header(self, headers, name):
        return next((value for key, value in headers.items() if key == f"X-InboundFlow-{name}"), "")


@made_for(8)
class KnowsTwoSpellings(Right):
    """Knows a header as the documentation writes it, and in lower case."""

    def header(self, headers, name):
        names = (f"X-InboundFlow-{name}", f"x-inboundflow-{name.lower()}")
        return next((value for key, value in headers.items() if key in names), "")


@made_for(9)
class NeedsContentLength(Right):
    """Answers 411 to a body that comes in chunks."""

    def body(self, request):
        if "Content-Length" not in request.headers:
            raise Refused(411, "length required")
        return super().body(request)


@made_for(10)
class ReadsOnce(Right):
    """Takes what has arrived for the whole body."""

    def body(self, request):
        if "Content-Length" not in request.headers:
            return super().body(request)
        return request.rfile.read1(int(request.headers["Content-Length"]))


@made_for(11)
class KeepsTheFirstHeaders(Right):
    """Verifies everything on a connection with the headers of its first delivery."""

    def post(self, request):
        request.first = getattr(request, "first", request.headers)
        status, words = self.answer(request.first, self.body(request))
        self.reply(request, status, {"status": words})


@made_for(12)
class DropsWhatCameEarly(Right):
    """Throws away what it has read beyond the first delivery, and waits for the next one."""

    def post(self, request):
        super().post(request)
        request.wfile.flush()
        request.rfile = request.connection.makefile("rb")
