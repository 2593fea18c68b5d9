"""The reports of the right receiver and of some with a mistake."""

import pytest

from mock_sender import conformance
from mock_sender.conformance.machine import as_json, as_junit
from mock_sender.conformance.page import as_html
from mock_sender.conformance.terminal import as_text
from tests.receivers.right import right

SECRET = 'whsec_"<&>-of-the-tests'


@pytest.mark.parametrize("form", [as_text, as_html, as_json, as_junit])
def test_no_report_holds_the_secret_that_a_receiver_tells(form):
    with right(SECRET, "tells-its-settings") as receiver:
        report = conformance.run(receiver.url, SECRET, only=[28])

    text = form(report)

    assert report.results[0].outcome == "failed"
    assert "[the secret]" in text
    assert "of-the-tests" not in text
