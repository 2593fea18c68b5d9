"""What was forwarded."""

import httpx

from mock_sender.destinations.view.requests import SHOWN, lines, targets

HEADERS = {"X-InboundFlow-Event": "lead.created", "X-InboundFlow-Delivery-Id": "d-1"}


def test_a_request_is_shown_with_its_event_its_id_and_its_body_indented(played):
    httpx.post(f"{played.url}/forward", json={"a": {"ñ": 1}}, headers=HEADERS)
    httpx.post(f"{played.url}/zapier{played.zapier.path}", json={"event": "call.completed", "delivery_id": "d-2"})

    forward, zapier = targets(played)

    assert (forward.name, zapier.name) == ("FORWARD_URL", "Zapier")
    [request] = forward.requests
    assert (request.event, request.delivery_id) == ("lead.created", "d-1")
    assert request.body == '{\n  "a": {\n    "ñ": 1\n  }\n}'
    assert (zapier.requests[0].event, zapier.requests[0].delivery_id) == ("call.completed", "d-2")
    assert lines([forward, zapier], "en", 80) == ["FORWARD_URL", "│ 1. lead.created", "Zapier", "│ 1. call.completed"]


def test_what_is_no_json_is_shown_as_it_came_and_the_newest_first(played):
    for number in range(SHOWN + 1):
        httpx.post(f"{played.url}/forward", content=f"not json {number}")
    httpx.post(f"{played.url}/forward", content="[" * 100_000)

    [forward] = targets(played)

    assert (len(forward.requests), forward.earlier) == (SHOWN, 2)
    assert forward.requests[0].body.startswith("[[[")
    assert forward.requests[1].body == f"not json {SHOWN}"
    assert lines([forward], "es", 80)[1] == f"│ {SHOWN + 2}. sin evento"
