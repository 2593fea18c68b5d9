import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from mock_sender import payloads, schemas
from tests.mock_sender.schemas.examples import changed, faults


def test_the_openapi_document_is_one_and_has_a_webhook_for_every_event():
    document = schemas.openapi()

    OpenAPIV31SpecValidator(document).validate()

    assert tuple(document["webhooks"]) == payloads.EVENTS
    for webhook in document["webhooks"].values():
        assert set(webhook["post"]["responses"]) == {"2XX", "default"}
        assert len(webhook["post"]["parameters"]) == 5


@pytest.mark.parametrize("event", payloads.EVENTS)
def test_the_openapi_document_describes_a_body_as_the_schema_does(event):
    document = schemas.openapi()
    media = document["webhooks"][event]["post"]["requestBody"]["content"]["application/json"]

    whole = {"components": document["components"]} | media["schema"]

    assert faults(whole, media["examples"]["documented"]["value"]) == []
    assert faults(whole, changed(event, "data.call_id", 7)) == ["$.data.call_id: 7 is not of type 'string'"]
    assert len(faults(whole, changed(event, "event", "call.rated"))) == 1
