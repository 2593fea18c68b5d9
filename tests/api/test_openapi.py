import json

import jsonschema
from openapi_spec_validator import OpenAPIV31SpecValidator

from receiver.api import openapi
from tests.operations.test_feed import keep
from tests.support.processes import CHECKOUT


def test_the_document_is_one_and_a_copy_is_among_the_pages():
    OpenAPIV31SpecValidator(openapi()).validate()

    copy = (CHECKOUT / "docs" / "openapi.json").read_text()
    assert json.loads(copy) == openapi(), "write it again: python -m receiver.api > docs/openapi.json"


def test_it_is_served_to_whoever_asks(partner):
    answer = partner.client.get("/api/openapi.json")

    assert (answer.status_code, answer.json, answer.headers["Cache-Control"]) == (200, openapi(), "no-store")
    assert partner.get("/api/openapi.json?x=1").status_code == 400


def test_answers_are_as_it_says(partner, db):
    keep(db, "a", call_id="c")
    keep(db, "odd", body=b"\xff")
    schemas = {"components": openapi()["components"]}

    for path, name in (
        ("/api/deliveries", "Page"),
        ("/api/deliveries/odd", "Delivery"),
        ("/api/deliveries/x", "Problem"),
    ):
        jsonschema.validate(partner.get(path).json, schemas | {"$ref": f"#/components/schemas/{name}"})
