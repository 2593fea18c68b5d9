import pytest

from handlers.google_sheets.append import check_sheet
from receiver.errors import Pause, RetryLater
from tests.handlers.google_sheets.rows import append, keys
from tests.support.tools import completed, lead

NAMES = {
    "GOOGLE_SHEETS_TABS": "",
    "GOOGLE_SHEETS_COLUMNS": "",
    "GOOGLE_SHEETS_LAYOUT": "events",
    "BUSINESS_LANGUAGE": "en",
}


def test_mixed_kinds_take_one_append_for_each_tab_and_outcomes_keep_their_order(world):
    events = [completed(key="d-1"), lead(key="d-2"), completed(key="d-3")]

    outcomes = append(world, events)

    assert outcomes == ["Calls, row of d-1", "Leads, row of d-2", "Calls, row of d-3"]
    assert world.sheets.calls.count("POST appendCells") == 2


def test_a_protected_tab_holds_up_its_own_rows_only(world):
    append(world, [completed(key="d-0"), lead(key="d-00")])
    world.sheets.protected.add("Calls")

    outcomes = append(world, [completed(key="d-1"), lead(key="d-2")])

    assert [type(end) for end in outcomes] == [Pause, str]
    assert keys(world, "Leads") == ["d-00", "d-2"]


@pytest.mark.parametrize("kind", ["reads_per_minute", "writes_per_minute"])
def test_a_quota_that_is_used_up_makes_all_runs_wait_a_minute(world, kind):
    setattr(world.sheets, kind, 0)

    outcomes = append(world, [completed(key="d-1"), lead(key="d-2")])

    assert {(type(end), end.cooldown) for end in outcomes} <= {(RetryLater, True), (RetryLater, False)}
    assert (outcomes[0].cooldown, outcomes[0].delay_s) == (True, 60)
    assert len(world.sheets.read_times) == 1


def test_the_sheet_is_read_and_nothing_is_written_to_see_whether_it_can_be(world):
    lines = list(check_sheet(world.env | NAMES))

    assert lines == ["the sheet can be read by receiver@demo.iam.gserviceaccount.com, who has to be an editor of it"]
    assert (world.sheets.tabs, world.sheets.calls) == ({}, ["GET spreadsheet"])


def test_a_sheet_that_is_not_shared_is_told(world):
    world.fail("sheets", status=403, body='{"error": {"code": 403, "message": "no", "status": "X"}}', path="values")

    with pytest.raises(Pause, match="share the sheet with receiver@demo"):
        list(check_sheet(world.env | NAMES))
