import re

from mock_sender import conformance
from mock_sender.conformance.page import as_html
from tests.mock_sender.conformance.seen import a_report, a_result
from tests.receivers.right import right

SECRET = 'whsec_"<&>-of-the-tests'


def test_what_failed_is_shown_first():
    page = as_html(
        a_report(a_result("passed"), a_result("failed", 20, "authenticity"), a_result("warned", 21, "speed"))
    )

    assert re.findall(r'<h2>([\w-]+)</h2>|id="check-(\d+)"', page) == [
        ("failed", ""), ("", "20"), ("acceptance", ""), ("", "1"), ("speed", ""), ("", "21"),
    ]  # fmt: skip


def test_an_answer_is_shown_as_text_in_the_page():
    with right(SECRET, "answers-with-a-page") as receiver:
        page = as_html(conformance.run(receiver.url, SECRET, only=[6]))

    assert "&lt;p&gt;Welcome" in page
    assert "<p>Welcome" not in page
