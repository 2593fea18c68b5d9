"""When somebody is told: pure plans over time, and then the table."""

import json
import re
import threading
from contextlib import closing

import pytest

from receiver import operations, settings, store
from receiver.operations.alert_texts import TEXTS, TITLES, age
from receiver.operations.attending import AGAIN_US, QUIET_US, REMEMBERED_US, SPACED_US, attend, plan, write
from receiver.operations.concerns import Concern
from receiver.operations.telling import Item, Known, notice
from tests.support.processes import until

S = 1_000_000
DAMAGED = Concern(kind="damaged")
HOLD = Concern(
    kind="on_hold", place="slack.post", details={"place": "Slack", "handler": "slack.post", "n": 3, "reason": "gone"}
)
DOWN = Concern(kind="down", place="forward.forward 1a", details={"place": "Webhook 1a", "n": 5})


def lives(n, level):
    return Concern(kind="lives", level=level, details={"n": n, "lives": 10})


class Desk:
    """What is told, as time goes by."""

    def __init__(self):
        self.known, self.now_us, self.last_us = {}, 10**15, 0

    def look(self, *concerns, after_s=0.0, can_tell=True):
        self.now_us += int(after_s * S)
        planned = plan(self.known, concerns, self.now_us, self.last_us, can_tell)
        self.known = dict(planned.known)
        if planned.items:
            self.last_us = self.now_us
        return [(item.known.kind, item.level, item.is_over) for item in planned.items]


@pytest.fixture
def desk():
    return Desk()


def test_it_is_told_once_and_that_it_is_over(desk):
    assert desk.look(HOLD) == [("on_hold", 1, False)]
    assert desk.look(HOLD, after_s=3600) == []
    assert desk.look(after_s=60) == [("on_hold", 1, True)]
    assert desk.look(after_s=3600) == []


@pytest.mark.parametrize(
    ("concern", "lasts_s"),
    [(DOWN, 0), (Concern(kind="redis"), 120), (Concern(kind="worker", details={"n": 1}), 60), (Concern(kind="chore", place="x"), 600)],
    ids=lambda value: getattr(value, "kind", ""),
)  # fmt: skip
def test_what_passes_by_itself_is_told_when_it_has_lasted(desk, concern, lasts_s):
    before = desk.look(concern) + (desk.look(concern, after_s=lasts_s - 1) if lasts_s else [])

    assert (len(before), len(desk.look(concern, after_s=1))) == ((0, 1) if lasts_s else (1, 0))


def test_what_went_before_it_was_told_is_never_told(desk):
    redis = Concern(kind="redis")

    assert [desk.look(redis), desk.look(after_s=60), desk.look(redis, after_s=90), desk.look(after_s=9999)] == [[]] * 4
    assert desk.known == {}


def test_it_is_over_once_it_has_been_gone_for_a_while(desk):
    """A destination that answers once between failures is not up."""
    desk.look(DOWN)

    assert [desk.look(after_s=60), desk.look(DOWN, after_s=30), desk.look(after_s=30), desk.look(after_s=119)] == [
        []
    ] * 4
    assert desk.look(after_s=400) == [("down", 1, True)]


def test_lives_are_told_at_three_six_and_eight_and_when_the_webhook_is_probably_off(desk):
    told = [
        desk.look(lives(n, level), after_s=400)
        for n, level in ((3, 3), (4, 3), (6, 6), (7, 6), (8, 8), (9, 8), (10, 10))
    ]

    assert told == [
        [("lives", 3, False)], [], [("lives", 6, False)], [], [("lives", 8, False)], [], [("lives", 10, False)],
    ]  # fmt: skip
    assert desk.look(after_s=1) == [("lives", 10, True)]


def test_the_same_that_comes_back_within_the_hour_is_told_only_where_it_is_worse(desk):
    desk.look(lives(3, 3))
    desk.look(after_s=400)

    assert desk.look(lives(3, 3), after_s=400) == []
    assert desk.look(lives(6, 6), after_s=60) == [("lives", 6, False)]


def test_what_comes_back_and_stays_is_told_after_the_hour(desk):
    desk.look(HOLD)
    desk.look(after_s=400)
    desk.look(HOLD, after_s=400)

    assert desk.look(HOLD, after_s=AGAIN_US / S) == [("on_hold", 1, False)]


def test_what_comes_within_some_minutes_goes_together(desk):
    desk.look(HOLD)
    assert desk.look(HOLD, DOWN, after_s=10) == []
    more = Concern(kind="dead", place="x", details={"n": 1})

    assert desk.look(HOLD, DOWN, more, after_s=SPACED_US / S - 10) == [("down", 1, False), ("dead", 1, False)]


def test_what_is_grave_does_not_wait_for_company(desk):
    desk.look(HOLD)

    assert desk.look(HOLD, DAMAGED, lives(6, 6), after_s=1) == [("damaged", 1, False), ("lives", 6, False)]


def test_a_new_field_is_told_once_quietly_and_is_never_over(desk):
    field = Concern(kind="fields", place="call.completed", details={"event": "call.completed", "fields": "transcript"})

    assert [desk.look(field), desk.look(field, after_s=QUIET_US / S), desk.look(field, after_s=9999)] == [
        [], [("fields", 1, False)], [],
    ]  # fmt: skip
    more = Concern(kind="fields", place="call.completed", level=2)
    assert desk.look(more, after_s=9999) == [("fields", 2, False)]
    assert desk.look(after_s=9999) == []


def test_where_nobody_can_be_told_nothing_counts_as_told(desk):
    assert desk.look(HOLD, can_tell=False) == []
    assert desk.look(HOLD, after_s=1) == [("on_hold", 1, False)]


def test_without_a_worker_nobody_knows_that_its_troubles_are_over(desk):
    redis, worker = Concern(kind="redis"), Concern(kind="worker", details={"n": 1})
    desk.look(redis)
    desk.look(redis, after_s=120)
    told = [desk.look(worker, after_s=400), desk.look(worker, after_s=400)]

    assert told == [[], [("worker", 1, False)]]
    assert desk.look(after_s=400) == []
    assert desk.look(after_s=400) == [("worker", 1, True), ("redis", 1, True)]


def test_what_is_over_is_forgotten_after_a_day(desk):
    desk.look(HOLD)
    desk.look(after_s=400)
    desk.look(after_s=REMEMBERED_US / S + 1)

    assert desk.known == {}


# The table.


def notices(db):
    return [(row["channel"], json.loads(row["notice"])) for row in db.read("SELECT * FROM alerts ORDER BY id")]


def test_a_message_is_put_there_for_each_way_and_says_what_to_do(db):
    attend(db, [HOLD, DOWN], ["slack.alert", "email.alert a@b.c"], "en")

    told = notices(db)
    assert [channel for channel, _ in told] == ["slack.alert", "email.alert a@b.c"]
    [_, (_, notice)] = told
    assert (notice["kind"], notice["title"]) == ("attention", "2 things need attention")
    assert notice["lines"] == [
        "• Slack is on hold, and 3 deliveries wait for it: gone",
        "→ Put that right, then: `receiver resume slack.post`",
        "• Webhook 1a has not answered for over 10 minutes, and 5 deliveries wait for it. They go on by themselves.",
        "→ See that it is up, and that its address and secret are right: `receiver doctor`",
    ]
    assert [(item["state"], item["kind"], item["place"]) for item in notice["items"]] == [
        ("attention", "on_hold", "slack.post"), ("attention", "down", "forward.forward 1a"),
    ]  # fmt: skip


def test_it_is_in_the_language_of_the_business(db):
    attend(db, [lives(8, 8)], ["slack.alert"], "es")

    [(_, notice)] = notices(db)
    assert notice["title"].startswith("Necesita atención: 8 de 10 vidas perdidas")
    assert notice["lines"][0].startswith("→ `receiver doctor` dice por qué")


def test_nothing_is_written_while_nothing_changes(db):
    assert [attend(db, [HOLD], ["slack.alert"], "en") for _ in range(3)] == [True, False, False]


def test_another_start_tells_nothing_again(db, env):
    attend(db, [HOLD], ["slack.alert"], "en")
    with closing(store.connect(settings.read(env))) as restarted:
        attend(restarted, [HOLD], ["slack.alert"], "en")

    assert len(notices(db)) == 1


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_another_machine_that_looks_at_the_same_moment_waits_for_its_turn(db, env):
    """On SQLite all writers take turns."""
    waits = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with closing(store.connect(settings.read(env))) as other:
        with other.transaction() as tx:
            write(tx, current=[HOLD], channels=["slack.alert"], language="en", now_us=db.now_us(), several=False)
            late = threading.Thread(target=attend, args=(db, [HOLD], ["slack.alert"], "en"))
            late.start()
            until(lambda: tx.execute(waits).fetchone(), what="the other's wait")
        late.join()

    assert len(notices(db)) == 1


def test_what_another_version_has_noted_stops_nothing(db):
    insert = "INSERT INTO concerns (kind, place, details, since_us, told_level, told_us) VALUES (?, 'x', '{}', 1, 1, 1)"
    db.commit(lambda tx: [tx.execute(insert, (kind,)) for kind in ("of tomorrow", "on_hold", "lives", "silence")])
    for _ in range(2):
        attend(db, [DAMAGED], ["slack.alert"], "en")

    [(_, notice)] = notices(db)
    assert "The inbox, or the server that it is on" in notice["title"] + "".join(notice["lines"])
    assert db.read("SELECT 1 FROM concerns WHERE kind = 'of tomorrow'")


def test_every_text_is_there_in_both_languages():
    assert all(texts.keys() == {"en", "es"} for texts in TEXTS.values())
    assert TITLES["en"].keys() == TITLES["es"].keys()
    assert [age(minutes * 60 * S) for minutes in (5, 99, 100, 4319, 4320)] == ["5 min", "99 min", "1 h", "71 h", "3 d"]


def test_what_is_told_of_a_business_names_it_and_its_commands_are_about_it_alone():
    known = Known(source="acme", kind="on_hold", place="slack.post", details=HOLD.details, since_us=1)
    lost = Known(source="acme", kind="signatures", place="", details={"n": 3}, since_us=1)

    one, two = (notice([Item(known=each, level=1)], "en", 1) for each in (known, lost))

    assert (one.title, one.lines) == (
        "Needs attention: [acme] Slack is on hold, and 3 deliveries wait for it: gone",
        ("→ Put that right, then: `receiver resume slack.post --source acme`",),
    )
    assert "sources rotate acme" in two.lines[0]
    assert "recheck --source acme --dry-run" in two.lines[0]
    assert "INBOUNDFLOW_SIGNING_SECRET" not in two.lines[0]


@pytest.mark.parametrize("others", [False, True])
@pytest.mark.parametrize("language", ["en", "es"])
def test_where_there_are_other_businesses_the_commands_are_of_the_one_that_it_is_about(db, env, language, others):
    if others:
        operations.add_source(db, operations.Routing(settings.read(env | {"SECRET_KEY": "k" * 20}), {}, {}), "acme")
    bad = Concern(kind="signatures", details={"n": 3})
    dead = Concern(kind="dead", details={"place": "Slack", "handler": "slack.post", "n": 3})

    attend(db, [HOLD, bad, dead], ["slack.alert"], language)

    [row] = db.read("SELECT notice FROM alerts")
    text = "\n".join(json.loads(row["notice"])["lines"])
    commands = re.findall(r"`receiver ((?:resume|recheck|deliveries|replay) [^`]*)`", text)
    assert (len(commands), [" --source ''" in command for command in commands]) == (4, [others] * 4)
