import pytest

from tests.web.test_webhooks import PATH


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_another_method_is_405_in_the_same_shape(client, method):
    answer = client.open(PATH, method=method)

    if method != "OPTIONS":
        assert (answer.status_code, answer.json["status"], answer.json["reason"]) == (
            405, "rejected", "method-not-allowed",
        )  # fmt: skip
    assert answer.headers["Allow"]


def test_a_sentence_that_people_read_is_in_the_businesss_language_and_its_slug_in_none(client, monkeypatch):
    monkeypatch.setenv("BUSINESS_LANGUAGE", "es")

    refused, elsewhere, front = client.post(PATH, data=b"{}"), client.post("/elsewhere"), client.get("/")

    assert (refused.json["status"], refused.json["reason"]) == ("rejected", "signature-missing")
    assert refused.json["detail"].startswith("No hay un X-InboundFlow-Signature de la forma")
    assert elsewhere.json["detail"] == "Las entregas van a POST /webhooks/inboundflow."
    assert front.text == "El receptor de InboundFlow está en marcha.\n"
