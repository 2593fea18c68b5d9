import pytest

from receiver.operations import did_you_mean, handler_named

HANDLERS = ["slack.post", "google_sheets.append_row", "google_calendar.book", "forward.forward", "email.send"]


@pytest.mark.parametrize(
    ("name", "handler"),
    [
        ("slack.post", "slack.post"),
        ("Slack", "slack.post"),
        ("sheets", "google_sheets.append_row"),
        ("Google Sheets", "google_sheets.append_row"),
        ("google_sheets", "google_sheets.append_row"),
        ("google", "google"),  # it could mean two
        ("your url", "forward.forward"),
        ("e-mail", "email.send"),
        ("post", "post"),
        ("slak", "slak"),
    ],
)
def test_a_handler_is_meant_by_a_shorter_name_where_it_can_be_no_other(name, handler):
    assert handler_named(name, HANDLERS) == handler


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("slack.pst", " Did you mean slack.post?"),
        ("slak", " Did you mean slack.post?"),
        ("google_shets", " Did you mean google_sheets.append_row?"),
        ("hubspot", ""),
    ],
)
def test_a_mistyped_name_is_told_with_the_one_that_was_meant(name, meant):
    assert did_you_mean(name, HANDLERS) == meant
