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
