"""The API's routes. The loop of the process runs them, so whatever reads from the database is given to the host."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from .. import operations
from ..errors import NotFound, StoreError
from ..operations import Database, FeedPage, Token
from .asking import filter_of, read_parameters
from .documents import delivery_document, page_document
from .openapi import openapi
from .problems import Busy, Problem, busy, come_again, not_valid
from .rates import Rates, Streams
from .stream import Stream
from .table import DOCUMENT, LIST, ONE, ROUTES, STREAM, USUAL, WRONG_CURSOR, Route

log = logging.getLogger("receiver.api")

BEARER = "bearer "
DATABASE_AGAIN_S = 5
PASSED_ON = ("Allow",)
NOWHERE = "There is no delivery of this id."
Result = TypeVar("Result")


class Host(Protocol):
    """The process that the API is in."""

    @property
    def tokens(self) -> Mapping[str, Token]:
        """By id; another mapping after a change."""
        ...

    def note_use(self, token: Token) -> None: ...

    def run(self, work: Callable[[], Result]) -> Result:
        """In a thread, while the loop goes on. Raises Busy, and what `work` raises."""
        ...

    def sleep(self, seconds: float) -> None: ...

    def flush(self, environ: Mapping[str, Any]) -> None:
        """Send what was written to the client of this request. Raises OSError where it does not take it."""
        ...

    def is_over(self, environ: Mapping[str, Any]) -> bool:
        """Whether the client has gone, or the process ends."""
        ...


def create_api(db: Database, host: Host) -> Flask:
    app = Flask("receiver.api", static_folder=None)
    app.url_map.merge_slashes = False  # an id may hold several
    Api(db, host).add_to(app)
    app.register_error_handler(Problem, Problem.answer)
    app.register_error_handler(NotFound, lambda _: Problem(404, "not-found", NOWHERE).answer())
    app.register_error_handler(Busy, lambda _: busy().answer())
    app.register_error_handler(StoreError, away)
    app.register_error_handler(HTTPException, refused)
    app.register_error_handler(Exception, failed)
    app.after_request(not_to_be_kept)
    return app


class Api:
    def __init__(self, db: Database, host: Host) -> None:
        self.db = db
        self.host = host
        self.rates, self.streams = Rates(), Streams()
        self.document = f"{json.dumps(openapi())}\n"

    def add_to(self, app: Flask) -> None:
        views = ((LIST, self.list), (ONE, self.one), (STREAM, self.stream), (DOCUMENT, self.openapi))
        for route, view in views:
            rule = route.path.replace("{id}", "<path:id>")
            app.add_url_rule(rule, route.operation, view, methods=["GET"], provide_automatic_options=False)

    def list(self) -> Response:
        token, asked = self.begin(LIST)
        criteria, limit, after = filter_of(asked), asked.get("limit", USUAL), asked.get("after", "")

        def work() -> str:
            page = operations.feed_page(self.db, token.source, after=after, criteria=criteria, limit=limit)
            return page_document(page)

        return as_json(self.from_place(work))

    def one(self, id: str) -> Response:
        token, _ = self.begin(ONE)
        if not id.isprintable():  # no id is like that, and a database may refuse to look for it
            raise NotFound(NOWHERE)
        return as_json(self.host.run(lambda: delivery_document(operations.feed_delivery(self.db, token.source, id))))

    def stream(self) -> Response:
        token, asked = self.begin(STREAM)
        environ, criteria = request.environ, filter_of(asked)

        def look(place: str) -> FeedPage:
            return self.host.run(lambda: operations.feed_page(self.db, token.source, after=place, criteria=criteria))

        stream = Stream(
            place=self.from_place(lambda: self.first_place(token, asked)),
            look=look,
            is_wanted=lambda: self.is_accepted(token) and not self.host.is_over(environ),
            flush=lambda: self.host.flush(environ),
            sleep=self.host.sleep,
        )
        response = Response(content_type=STREAM.content, headers={"X-Accel-Buffering": "no"})  # nginx would gather it
        if request.method == "GET":
            self.streams.take(token.id)
            response.response = stream.blocks()
            response.call_on_close(lambda: self.streams.give_back(token.id))
        return response

    def first_place(self, token: Token, asked: Mapping[str, Any]) -> str:
        """Raises NotFound for a place that is none of this source's, StoreError."""
        place: str | None = asked.get("Last-Event-ID", asked.get("after"))
        if place:
            operations.feed_delivery(self.db, token.source, place)
        return operations.newest_place(self.db, token.source) if place is None else place

    def from_place(self, work: Callable[[], Result]) -> Result:
        """Raises Problem where the place that was asked for is none."""
        try:
            return self.host.run(work)
        except NotFound as error:
            raise not_valid("after or Last-Event-ID", WRONG_CURSOR) from error

    def openapi(self) -> Response:
        read_parameters(DOCUMENT, request.args, request.headers)
        return as_json(self.document)

    def begin(self, route: Route) -> tuple[Token, Mapping[str, Any]]:
        """Who asks, and for what. Raises Problem."""
        token = self.token()
        self.rates.take(token.id)
        return token, read_parameters(route, request.args, request.headers)

    def token(self) -> Token:
        header = request.headers.get("Authorization", "")
        text = header[len(BEARER) :] if header.lower().startswith(BEARER) else ""
        token = operations.token_in(text.strip(), self.host.tokens)
        if token is None:
            raise Problem(
                401,
                "token-not-valid",
                "Send a token of `receiver tokens add` as `Authorization: Bearer ifr_…`.",
                {"WWW-Authenticate": "Bearer"},
            )
        if token.disabled:
            raise Problem(403, "source-disabled", "The business of this token is disabled.")
        self.host.note_use(token)
        return token

    def is_accepted(self, token: Token) -> bool:
        current = self.host.tokens.get(token.id)
        return current is not None and not current.disabled


def as_json(text: str) -> Response:
    return Response(text, content_type="application/json")


def not_to_be_kept(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def away(error: StoreError) -> Response:
    log.warning("the API could not read: %s", error)
    return come_again(503, "database-away", "The database does not answer. Ask again.", DATABASE_AGAIN_S).answer()


def refused(error: HTTPException) -> Response:
    """For a path or a method that no route takes."""
    made = error.get_response()
    headers = {name: made.headers[name] for name in PASSED_ON if name in made.headers}
    reason = (error.name or "refused").lower().replace(" ", "-")
    return Problem(
        error.code or 400, reason, "There is: GET " + ", GET ".join(route.path for route in ROUTES) + ".", headers
    ).answer()


def failed(error: Exception) -> Response:
    """A mistake of ours: the log has its place, without what a caller said."""
    log.error("a mistake of ours in the API", exc_info=error)
    return come_again(503, "busy", "This could not be answered. Ask again.", DATABASE_AGAIN_S).answer()
