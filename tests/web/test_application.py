"""What our Flask leaves out, and what it still does for whoever extends it."""

import pytest

from receiver import settings
from receiver.app.build import create_app
from tests.web.test_webhooks import PATH, a_body, signed


@pytest.mark.parametrize("host", ["x" * 70 + ".example", "a..b", "ü.example", ""])
def test_no_delivery_is_refused_for_how_its_host_is_written(client, host):
    body = a_body()

    answer = client.post(PATH, data=body, headers=signed(body), environ_overrides={"HTTP_HOST": host})

    assert (answer.status_code, answer.json) == (200, {"status": "stored"})


def test_a_hook_that_adds_a_header_adds_it_to_each_answer_of_a_delivery(app_env):
    app = create_app(settings.read(app_env))

    @app.after_request
    def name_it(response):
        response.headers["X-Receiver"] = "ours"
        return response

    answers = [app.test_client().post(PATH, data=a_body(), headers=signed(a_body())) for _ in range(3)]

    assert [answer.json["status"] for answer in answers] == ["stored", "duplicate", "duplicate"]
    assert [answer.headers.getlist("X-Receiver") for answer in answers] == [["ours"]] * 3
