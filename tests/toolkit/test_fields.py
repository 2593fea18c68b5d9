import pytest

from receiver.toolkit import FieldsRefused, Placed, without_refused

RECORD = {"key": "k", "email": "a..b@example.com", "stage": "lead"}


def refusing(*rounds):
    """A CRM that refuses these fields, one after the other, and what it was asked to write."""
    waiting, written = list(rounds), []

    def write(fields):
        written.append(fields)
        for name in waiting:
            if name in fields:
                raise FieldsRefused("the CRM answered 400", {name}, f"BAD_{name.upper()}")
        return "7"

    return write, written


def test_what_is_refused_is_left_out_and_said_however_many_refusals_it_takes():
    write, written = refusing("email", "stage")

    placed = without_refused(RECORD, write, needed={"key"})

    assert placed == Placed("7", ("without email (BAD_EMAIL)", "without stage (BAD_STAGE)"))
    assert written[-1] == {"key": "k"}


@pytest.mark.parametrize("field", ["key", "nothing of ours"])
def test_what_is_needed_is_never_left_out(field):
    def write(fields):
        if field in fields or field not in RECORD:
            raise FieldsRefused("the CRM answered 400", {field}, "BAD")
        return "7"

    with pytest.raises(FieldsRefused, match=f"the CRM answered 400: {field}"):
        without_refused(RECORD, write, needed={"key"})
