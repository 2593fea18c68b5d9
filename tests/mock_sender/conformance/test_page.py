from mock_sender import conformance
from mock_sender.conformance.page import as_html
from tests.receivers.right import right

SECRET = 'whsec_"<&>-of-the-tests'


def test_an_answer_is_shown_as_text_in_the_page():
    with right(SECRET, "answers-with-a-page") as receiver:
        page = as_html(conformance.run(receiver.url, SECRET, only=[6]))

    assert "&lt;p&gt;Welcome" in page
    assert "<p>Welcome" not in page
