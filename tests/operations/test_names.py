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


@pytest.mark.parametrize("command", ["show", "cancel", "replay"])
def test_the_beginning_of_several_ids_means_none_of_them(story, command):
    story.keep("came-later")

    assert "came-before-slack-was-on, came-later" in story.cli(command, "came", code=2)


@pytest.mark.parametrize("command", ["show", "cancel", "replay"])
def test_the_beginning_of_a_deliverys_id_and_of_a_calls_means_none_of_them(story, command):
    story.keep("call-of-the-wild", call="e")
    story.keep("f", call="call-on")

    assert "begins the ids of several: call-of-the-wild, call-on" in story.cli(command, "call-o", code=2)


def test_an_id_with_which_others_begin_means_what_has_it(story):
    for key in ("k-1", "k-2"):
        story.keep(key, call="k")

    assert [each["key"] for each in story.cli("show", "k", "--json")["deliveries"]] == ["k-1", "k-2"]
    assert "Nothing is to be replayed." in story.cli("replay", "k", "--yes")


@pytest.mark.parametrize("options", [["deliveries"], ["replay", "--dry-run"], ["erase", "--dry-run"]])
def test_a_call_may_be_given_by_the_beginning_of_its_id(story, options):
    story.keep("e", call="a-call-of-many-letters")
    story.keep("f", call="a-call-of-few")

    short, whole = (story.cli(*options, "--call", call, "--json") for call in ("a-call-of-m", "a-call-of-many-letters"))

    assert short == whole
    assert "a-call-of-few, a-call-of-many-letters" in story.cli(*options, "--call", "a-call", code=2)
