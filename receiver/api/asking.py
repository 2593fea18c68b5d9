"""What a request asks for, read by the table: whatever is not in it is refused with a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.datastructures import Headers, MultiDict

from ..operations import FeedFilter
from .problems import not_valid
from .table import EVENTS_AT_ONCE, Parameter, Route

Asked = Mapping[str, Any]


def read_parameters(route: Route, query: MultiDict[str, str], headers: Headers) -> Asked:
    """What was given, by name. Raises Problem."""
    parameters = [parameter for parameter in route.parameters if parameter.where == "query"]
    for name in query:
        if name not in [parameter.name for parameter in parameters]:
            raise not_valid(repr(name[:80]), f"there is no such parameter. {known(parameters)}")
    of_query = {p.name: read_query(p, query.getlist(p.name)) for p in parameters if p.name in query}
    in_headers = [p for p in route.parameters if p.where == "header" and headers.get(p.name)]
    return of_query | {p.name: read_text(p, headers[p.name]) for p in in_headers}


def known(parameters: Sequence[Parameter]) -> str:
    names = ", ".join(parameter.name for parameter in parameters)
    return f"There are: {names}." if names else "There is none here."


def read_query(parameter: Parameter, texts: Sequence[str]) -> Any:
    if parameter.many:
        if len(texts) > EVENTS_AT_ONCE:
            raise not_valid(parameter.name, parameter.wrong)
        return tuple(read_text(parameter, text) for text in texts)
    if len(texts) > 1:
        raise not_valid(parameter.name, "it may stand there once.")
    return read_text(parameter, texts[0])


def read_text(parameter: Parameter, text: str) -> Any:
    try:
        return parameter.read(text)
    except ValueError as error:
        raise not_valid(parameter.name, parameter.wrong) from error


def filter_of(asked: Asked) -> FeedFilter:
    return FeedFilter(
        events=asked.get("event", ()),
        call_id=asked.get("call_id", ""),
        since_us=asked.get("since"),
        until_us=asked.get("until"),
    )
