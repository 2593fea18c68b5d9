"""Our own receiver passes every conformance check, on SQLite and on Postgres."""

import pytest

from tests.receivers.judging import full_report
from tests.receivers.ours import ours

pytestmark = pytest.mark.timed


def test_the_receiver_passes_every_check_and_each_delivery_is_printed_once(database_url, tmp_path):
    with ours(tmp_path, database_url) as receiver:
        report = full_report(receiver)

    odd = {
        f"{one.number} {one.slug}": (str(one.outcome), one.says) for one in report.results if one.outcome != "passed"
    }
    assert odd == {}
    assert report.lives_lost == 0
