"""The demo: nothing real is touched. That everything arrives is shown by tests/e2e/test_main_path.py."""

from receiver import registry
from receiver.up.demo import DROPPED, DROPPED_PREFIXES, table


def test_no_setting_that_leads_a_handler_anywhere_reaches_the_demo():
    handlers = registry.load("handlers").values()
    names = {name for h in handlers for name in [*(h.needs.names() if h.needs else ()), *h.optional]}

    kept = {name for name in names if not name.startswith(DROPPED_PREFIXES) and name not in DROPPED}

    assert {name for name in kept if not name.startswith("BUSINESS_")} == set()


def test_a_table_has_columns_as_wide_as_their_widest_cell_and_no_spaces_at_the_end():
    rows = [("event", "answer"), ("lead.created", "200 stored"), ("x", "")]

    assert table(rows).splitlines() == ["  event         answer", "  lead.created  200 stored", "  x"]
