"""The Sheets API by Google's own description of it, which comes with google-api-python-client."""

import functools
import json
import re
from importlib.resources import files
from urllib.parse import parse_qs

PLAIN = {"string": str, "boolean": bool, "integer": int, "number": (int, float)}
CELL = (bool, str, int, float, type(None))  # "supported value types are: bool, string, and double"


def check(exchange):
    if exchange.path == "/token":
        return
    method = method_of(exchange.method, exchange.path)
    check_query(method, parse_qs(exchange.query, keep_blank_values=True))
    if "request" in method:
        check_value(method["request"], json.loads(exchange.body), "body")
    else:
        assert not exchange.body, f"{method['id']} takes no body"
    if exchange.status == 200:
        check_value(method["response"], exchange.answer, "answer")
    else:
        assert exchange.answer["error"]["code"] == exchange.status, f"an error of {exchange.status} names its status"


@functools.cache
def description():
    text = files("googleapiclient").joinpath("discovery_cache/documents/sheets.v4.json").read_text()
    return json.loads(text)


def methods(resource):
    yield from resource.get("methods", {}).values()
    for inner in resource.get("resources", {}).values():
        yield from methods(inner)


def method_of(verb, path):
    """The one method with this verb and path."""
    found = [m for m in methods(description()) if m["httpMethod"] == verb and re.fullmatch(as_pattern(m), path)]
    assert len(found) == 1, f"{verb} {path} is not in the Sheets API"
    return found[0]


def as_pattern(method):
    return "/" + re.sub(r"\\{\w+\\}", "[^/:]+", re.escape(method["flatPath"]))


def check_query(method, query):
    known = {n: p for n, p in method.get("parameters", {}).items() if p["location"] == "query"}
    for name, values in query.items():
        assert name in known | description()["parameters"], f"{method['id']} has no parameter {name}"
        rule = known.get(name, {"type": "string"})
        assert rule.get("repeated") or len(values) == 1, f"{name} is given more than once"
        for value in values:
            assert value in rule.get("enum", [value]), f"{name} cannot be {value}"
            assert rule["type"] != "boolean" or value.lower() in ("true", "false"), f"{name} cannot be {value}"
    if "valueInputOption" in known:  # "the caller must specify … a valueInputOption"
        assert query.get("valueInputOption", [""]) != [""], "valueInputOption is not given"


def check_value(rule, value, where):
    """`value` keeps to a schema; a field that the schema does not know is refused."""
    rule = description()["schemas"][rule["$ref"]] if "$ref" in rule else rule
    kind = rule["type"]
    if kind == "object":
        assert isinstance(value, dict), f"{where} should be an object"
        fields, rest = rule.get("properties", {}), rule.get("additionalProperties")
        for name, inner in value.items():
            assert name in fields or rest, f"{where} has no field {name}"
            check_value(fields.get(name, rest), inner, f"{where}.{name}")
    elif kind == "array":
        assert isinstance(value, list), f"{where} should be a list"
        for number, inner in enumerate(value):
            check_value(rule["items"], inner, f"{where}[{number}]")
    elif kind == "any":
        assert isinstance(value, CELL), f"{where} should be a cell"
    else:
        assert isinstance(value, PLAIN[kind]), f"{where} should be of type {kind}"
        assert kind == "boolean" or not isinstance(value, bool), f"{where} should be of type {kind}"
        assert value in rule.get("enum", [value]), f"{where} cannot be {value}"
