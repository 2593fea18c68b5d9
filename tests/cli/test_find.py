import re

import pytest

from tests.support.story import PHONE
from tests.support.terminal import at_terminal

REASON = "no such channel"


def rows(text):
    """By column: two spaces at least are between them."""
    return [re.split(r"  +", line.strip()) for line in text.splitlines()]


def test_calls_are_listed_newest_first_with_where_they_went_and_without_what_callers_said(story):
    said = story.cli("deliveries")

    assert said.splitlines()[0].split("  ")[0] == "received (UTC)"
    assert [row[1:3] for row in rows(said)[1:]] == [
        ["kept", "call-came-before-slack-was-on"],
        ["did not arrive", "call-d"],
        ["on its way", "call-c"],
        ["arrived", "call-b"],
        ["did not arrive", "call-a"],
    ]
    assert f"Slack ✗ ({REASON})" in said
    assert PHONE not in said


def test_the_events_of_a_call_are_one_row_whose_state_is_the_worst(story):
    story.keep("a-2", event="lead.created", call="call-a")

    calls = [row for row in rows(story.cli("deliveries")) if row[2] == "call-a"]

    assert [row[1:5] for row in calls] == [["did not arrive", "call-a", "call.completed,lead.created", "a,a-2"]]


def test_at_a_terminal_each_event_has_as_much_of_its_deliverys_id_as_finds_it(story):
    for key in ("0123456789-1", "0123456789-2", "abcdefghijkl"):
        story.keep(key, event="call.transferred", call="call-e")

    [line] = [line for line in at_terminal("deliveries", columns=120, **story.env) if "call-e" in line]

    assert line.endswith("transfer 0123456789-1, transfer 0123456789-2, transfer abcdefghijkl")
    assert story.cli("show", "0123456789-2", "--json")["deliveries"][0]["key"] == "0123456789-2"


def test_the_limit_of_a_listing_is_one_of_calls_and_no_call_is_told_twice(story):
    for key in ("b-2", "b-3"):
        story.keep(key, event="lead.created", call="call-b", ago_s=3 * 3600)
    pages, place = [], []
    while not pages or place:
        said = story.cli("deliveries", "--limit", "2", *place)
        pages.append([row[2:5:2] for row in rows(said) if row[0][:1].isdigit()])
        place = re.findall(r"--before \S+", said)[0].split() if "--before" in said else []

    assert pages == [
        [["call-came-before-slack-was-on", "came-before-slack-was-on"], ["call-d", "d"]],
        [["call-c", "c"], ["call-b", "b,b-2,b-3"]],
        [["call-a", "a"]],
    ]


def test_with_a_state_only_the_runs_in_it_are_shown_with_the_reason(story):
    said = story.cli("deliveries", "--state", "dead")

    assert [row[1] for row in rows(said)[1:]] == ["did not arrive"] * 2
    assert said.count(REASON) == 2


@pytest.mark.parametrize("columns", [40, 80])
def test_a_listing_is_no_wider_than_the_terminal(story, columns):
    lines = at_terminal("deliveries", columns=columns, **story.env)

    assert max(map(len, lines)) <= columns
    assert lines[0] == "Times are those of UTC."
    assert [row[1] for row in rows("\n".join(lines)) if row[0][:1].isdigit()] == [
        "kept", "did not arrive", "on its way", "arrived", "did not arrive",
    ]  # fmt: skip
    ids = ("call-came-be", "call-d", "call-c", "call-b", "call-a")
    assert re.findall("|".join(ids), " ".join(lines)) == [*ids]
    assert " ".join(" ".join(lines).split()).count(f"Slack ✗ ({REASON})") == 2


def test_without_a_terminal_its_width_changes_nothing(story):
    narrow, wide = (story.cli("deliveries", env={"COLUMNS": columns}) for columns in ("40", "200"))

    assert narrow == wide


def test_a_listing_is_in_the_businesss_language_and_by_its_clock(story):
    english, spanish = (
        story.cli("deliveries", env={"BUSINESS_LANGUAGE": language, "BUSINESS_TIMEZONE": "Asia/Tokyo"})
        for language in ("en", "es")
    )

    assert english.splitlines()[0].split("  ")[0] == "received (Asia/Tokyo)"
    assert [row[0] for row in rows(english)[1:]] == [row[0] for row in rows(spanish)[1:]]
    assert spanish.splitlines()[0].startswith("recibida (Asia/Tokyo)  estado")
    assert [row[1] for row in rows(spanish)[1:]] == ["guardada", "no llegó", "en camino", "llegó", "no llegó"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--handler", "slak.post"], "Nothing was received that matches. Did you mean slack.post?"),
        (["--event", "call.complete"], "Nothing was received that matches. Did you mean call.completed?"),
        (["--event", "call.transferred"], "Nothing was received that matches."),
    ],
)
def test_where_nothing_matches_a_mistyped_name_is_told(story, options, says):
    assert story.cli("deliveries", *options) == f"{says}\n"


def test_a_call_is_found_by_the_beginning_of_its_id(story):
    assert [one["key"] for one in story.cli("show", "call-came", "--json")["deliveries"]] == [
        "came-before-slack-was-on"
    ]
    assert "begins the ids of several: call-a, call-b" in story.cli("show", "call-", code=2)


def test_a_calls_deliveries_are_shown_below_a_summary_and_no_reason_twice(story):
    story.keep("a-2", event="lead.created", call="call-a")

    said = story.cli("show", "call-a")

    assert rows(said)[1][1:3] == ["did not arrive", "call-a"]
    assert [line.split()[1] for line in said.splitlines() if line.startswith("delivery")] == ["a", "a-2"]
    assert said.count(REASON) == 2  # in the summary, and at the attempt


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

    assert said.splitlines()[-1] == f"… and 3 older deliveries. --limit shows more, --before {place} the next page."
    assert [one["key"] for one in further["deliveries"]] == ["c", "b"]
    assert (further["total"], further["more"]) == (5, False)
    assert "no place in the list" in story.cli("deliveries", "--before", "d-1", code=2)


def test_of_very_many_it_says_so(story):
    many = [(f"many-{n}", story.now - 10**10 - n, b"{}") for n in range(10_000)]
    sql = "INSERT INTO deliveries (key, event, received_us, body, headers, problems) VALUES (?, 'x', ?, ?, '{}', '[]')"
    story.db.commit(lambda tx: tx.executemany(sql, many))

    assert "… of more than 10,000. --limit shows more" in story.cli("deliveries")
    assert [story.cli("deliveries", "--json")[name] for name in ("total", "more")] == [10_000, True]
