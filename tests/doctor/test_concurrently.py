import pytest

from receiver.doctor.concurrently import run_concurrently
from receiver.errors import ConfigurationError
from receiver.operations import fine


def test_what_was_found_before_a_check_broke_is_told_and_no_text_of_a_librarys():
    def breaks():
        yield fine("a thing", "there")
        raise OSError("a secret in a text")

    found = run_concurrently({"a thing": breaks})

    assert [one.message for one in found] == ["there", "the check failed (OSError)"]


def test_variables_with_which_nothing_can_be_looked_at_end_it():
    def cannot():
        yield from ()
        raise ConfigurationError("DATABASE_URL cannot be read")

    with pytest.raises(ConfigurationError):
        list(run_concurrently({"a thing": cannot}))
