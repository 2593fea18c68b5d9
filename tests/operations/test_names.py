import pytest

from receiver import operations
from receiver.errors import Ambiguous
from receiver.operations.names import SOURCES
from tests.support.reads import Watched, plan, reads_all


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_query_for_a_name_reads_a_whole_table(db, kept):
    asked = []
    watched = Watched(db, asked)

    [named] = operations.named(watched, "d-1", source=None)[:1]
    operations.named(watched, "call-7")

    with pytest.raises(Ambiguous):
        operations.named(watched, "call-")

    assert named.key == "d-10"
    assert SOURCES in [sql for sql, _ in asked]
    assert [step for sql, values in asked for step in plan(db, sql, values) if reads_all(step)] == []


def test_a_delivery_is_found_by_the_beginning_of_its_id_and_named_when_missing(story):
    assert "came-before-slack-was-on" in story.cli("show", "came-be")
    assert "no delivery" in story.cli("show", "nobody", code=1)


@pytest.mark.parametrize("command", ["cancel", "replay"])
def test_the_beginning_of_several_ids_means_none_of_them(story, command):
    story.keep("came-later")

    assert "came-before-slack-was-on, came-later" in story.cli(command, "came", code=2)
    assert [line for line in story.cli("show", "came").splitlines() if line.startswith("delivery ")] == [
        "delivery  came-before-slack-was-on",
        "delivery  came-later",
    ]
