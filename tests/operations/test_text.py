import pytest

from receiver.operations import pause_lanes
from receiver.operations.text import table
from receiver.registry import Lane


@pytest.mark.parametrize(
    ("after_s", "paused", "said"),
    [
        (3600, False, "trying again, next attempt "),
        (-60, False, "trying again, due since "),
        (3600, True, "on hold, waits until its pause ends"),
    ],
)
def test_when_a_run_is_due_is_shown_as_it_is(story, after_s, paused, said):
    at_us = story.now + after_s * 1_000_000
    story.db.commit(
        lambda tx: tx.execute("UPDATE runs SET state = 'retrying', next_attempt_us = ? WHERE id = 1", (at_us,))
    )
    if paused:
        pause_lanes(story.db, [Lane("", "slack.post", "")], "its token was revoked")

    assert f"slack.post: {said}" in story.cli("show", "a")


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        ([], []),
        ([("a", "longer", "")], ["a  longer"]),
        ([("delivery", "event"), ("d-1", "lead.created")], ["delivery  event", "d-1       lead.created"]),
    ],
)
def test_a_table_is_as_wide_as_its_cells_and_ends_without_spaces(rows, lines):
    assert list(table(rows)) == lines
