import pytest

from tests.support.story import PHONE


def test_deliveries_are_listed_newest_first_without_what_callers_said(story):
    said = story.cli("deliveries")

    assert [line.split()[2] for line in said.splitlines()[1:]] == ["came-before-slack-was-on", "d", "c", "b", "a"]
    assert "slack.post dead" in said
    assert PHONE not in said


@pytest.mark.parametrize(
    ("options", "keys"),
    [
        (["--state", "dead"], ["d", "a"]),
        (["--state", "dead", "--event", "lead.created"], ["d"]),
        (["--call", "call-b"], ["b"]),
        (["--since", "150m"], ["came-before-slack-was-on", "d", "c"]),
        (["--until", "150m"], ["b", "a"]),
        (["--handler", "hubspot.keep_contact"], []),
        (["--limit", "1"], ["came-before-slack-was-on"]),
    ],
)
def test_a_list_is_narrowed(story, options, keys):
    found = story.cli("deliveries", "--json", *options)

    assert [one["key"] for one in found["deliveries"]] == keys
    assert found["total"] == (5 if "--limit" in options else len(keys))


def test_the_next_page_of_a_list_begins_at_the_place_that_is_told(story):
    said = story.cli("deliveries", "--limit", "2")
    place = story.cli("deliveries", "--limit", "2", "--json")["next"]
    further = story.cli("deliveries", "--limit", "2", "--before", place, "--json")

    assert said.splitlines()[-1] == f"… and 3 older. --limit shows more, --before {place} the next page."
    assert [one["key"] for one in further["deliveries"]] == ["c", "b"]
    assert (further["total"], further["more"]) == (5, False)
    assert "no place in the list" in story.cli("deliveries", "--before", "d-1", code=2)


def test_of_very_many_it_says_so(story):
    many = [(f"many-{n}", story.now - 10**10 - n, b"{}") for n in range(10_000)]
    sql = "INSERT INTO deliveries (key, event, received_us, body, headers, problems) VALUES (?, 'x', ?, ?, '{}', '[]')"
    story.db.commit(lambda tx: tx.executemany(sql, many))

    assert "… of more than 10,000. --limit shows more" in story.cli("deliveries")
    assert [story.cli("deliveries", "--json")[name] for name in ("total", "more")] == [10_000, True]
