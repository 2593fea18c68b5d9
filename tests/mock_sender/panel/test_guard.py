"""Whom the panel obeys: it has no password, so only its own pages, called by its own name."""

import pytest

from mock_sender.inboundflow import InboundFlow
from mock_sender.panel import Business, create_app

NAMES = [
    # listens on   called              obeys
    ("127.0.0.1", "127.0.0.1:8765", True),
    ("127.0.0.1", "localhost:8765", True),
    ("127.0.0.1", "[::1]:8765", True),
    ("127.0.0.1", "evil.example", False),
    ("127.0.0.1", "127.0.0.1.evil.example", False),
    ("127.0.0.1", "192.168.1.5:8765", False),
    ("127.0.0.1", "[::1", False),
    ("192.168.1.5", "192.168.1.5:8765", True),
    ("0.0.0.0", "192.168.1.5:8765", True),
    ("0.0.0.0", "evil.example", False),
    ("::", "[fe80::1]:8765", True),
]
FORMS = [
    # Origin                     Sec-Fetch-Site   obeyed
    ("http://127.0.0.1:8765", "same-origin", True),
    ("http://127.0.0.1:8765", None, True),
    (None, "same-origin", True),
    (None, None, False),
    ("null", None, False),
    ("http://evil.example", None, False),
    ("http://127.0.0.1:8766", None, False),
    ("https://127.0.0.1:8765", None, False),
    ("http://127.0.0.1:8765", "same-site", False),
    ("http://127.0.0.1:8766", "same-site", False),
    ("http://evil.example", "cross-site", False),
    (None, "cross-site", False),
    (None, "none", False),
]


def a_panel(host="127.0.0.1"):
    flow = InboundFlow()
    return flow, create_app(flow, Business(flow), host=host).test_client()


@pytest.mark.parametrize(("host", "called", "obeys"), NAMES)
def test_only_a_name_of_its_own_gets_a_page(host, called, obeys):
    _, client = a_panel(host)

    answer = client.get("/", headers={"Host": called})

    assert answer.status_code == (200 if obeys else 403 if called != "[::1" else answer.status_code)
    assert ("Webhook Personalizado" in answer.text) is obeys


@pytest.mark.parametrize(("origin", "site", "obeyed"), FORMS)
def test_only_a_form_of_its_own_changes_anything(origin, site, obeyed):
    flow, client = a_panel()
    one = flow.connect("https://example.com/")
    said = {"Host": "127.0.0.1:8765", "Origin": origin, "Sec-Fetch-Site": site}

    answer = client.post(
        f"/connections/{one.id}/disconnect", headers={name: value for name, value in said.items() if value}
    )

    assert (answer.status_code, flow.connections() == []) == ((303, True) if obeyed else (403, False))


@pytest.mark.parametrize("path", ["/", "/integrations/custom", "/nope"])
def test_no_page_runs_foreign_code_or_is_framed_or_kept(path):
    _, client = a_panel()

    headers = client.get(path).headers

    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert (headers["Cache-Control"], headers["X-Content-Type-Options"]) == ("no-store", "nosniff")
