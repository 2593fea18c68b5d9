"""A person is erased, on both databases: nothing of them is left, nothing brings it back, and others stay."""

import importlib
import json
import re
import sqlite3
import subprocess
import threading
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partialmethod
from pathlib import Path

import psycopg
import pytest

from receiver import operations, registry, settings
from receiver.errors import CannotErase, OperationError
from receiver.inbox import Backlog, Inbox, Verdict
from receiver.operations import select, subject
from receiver.operations.erase import TABLES, erase
from receiver.operations.working import NEXT, Opening
from receiver.registry import Lane
from receiver.store import connect
from receiver.store.sqlite_connection import connect_to_read
from receiver.verify.reading import delivery_in
from tests.support.cli import receiver
from tests.support.postgres import programs
from tests.support.processes import until
from tests.support.runs import Runs
from tests.support.story import ON
from tests.support.tools import claim, finish, in_zone

PHONE, EMAIL, NAME, CALL = "+34612345678", "ada.moreno@example.com", "Ada Moreno Quiroga", "call-of-ada-7731"
WORDS = (PHONE, "612345678", "612 345 678", EMAIL, NAME, "Moreno", CALL, "root canal of Ada", "Trillo 12")
DONE = Verdict(state="succeeded", result="succeeded", detail="message 17.5 in C0123 for Ada Moreno Quiroga")
DEAD = Verdict(state="dead", result="gave-up", detail="no such contact: 612 345 678", failed=True)
BY = operations.Actor(who="Ana", address="127.0.0.1", session=1)


def body(key, *, event="call.completed", call=CALL, phone=PHONE, **data):
    fields = {"call_id": call, "caller_phone": phone, "caller_name": NAME, **data}
    envelope = {"delivery_id": key, "event": event, "organization_id": "o-1", "data": fields}
    return json.dumps(envelope, ensure_ascii=False).encode()


def other(key, **data):
    return body(key, **{"call": f"call-{key}", "phone": "+34699999999", "caller_name": "Bea"} | data)


class Person:
    """Somebody who has called twice, with whatever can be kept of a person, beside somebody else."""

    def __init__(self, db, env):
        self.db, self.env, self.runs = db, env, Runs(db)
        self.inbox = Inbox(db)
        self.settings = settings.read(env)

    def keep(self, text):
        return self.inbox.keep(delivery_in(text, {}, (), received_us=self.db.now_us()))

    def open(self, *lanes):
        """A run in each of these lanes for what came since; their numbers."""
        rows = self.runs.undispatched(50)
        first = self.db.read("SELECT coalesce(max(id), 0) AS id FROM runs")[0]["id"]
        self.runs.open([(row, *lane) for row in rows for lane in lanes], [row["id"] for row in rows], 1)
        return [row["id"] for row in self.db.read("SELECT id FROM runs WHERE id > ? ORDER BY id", (first,))]

    def end(self, run, verdict):
        finish(self.runs, claim(self.runs, run, "me", self.db.now_us()), "me", verdict, self.db.now_us())

    def live(self):
        self.keep(body("k-1", summary="root canal of Ada, Trillo 12 " * 300))
        self.keep(body("k-2", event="lead.created", phone=None, caller_email=EMAIL, call_summary="Trillo 12"))
        self.keep(body("k-1", summary="other bytes, Trillo 12"))  # a conflict
        self.keep(other("b-1", summary="Bea wants whitening"))
        sent, _, dead, *_ = self.open(("slack.post", ""), ("forward.forward", "ab"))
        self.end(sent, DONE)
        self.end(dead, DEAD)
        operations.cancel(self.db, select(self.db, names=("k-2",), handler="forward.forward"), f"called {NAME} back")
        self.keep(body("k-3", call=CALL))  # no worker has seen it
        self.write_down()

    def look(self):
        """What the dashboard keeps of them."""
        operations.fold(self.db, in_zone(self.db))
        operations.mark(self.db, CALL, "message", f"told {NAME} to call", BY, seen=0)
        token = operations.sign_in(self.db, "Ana", "mark", BY)
        session = operations.find_session(self.db, token, "mark")
        kept = ["/callbacks", [["note", f"ask {NAME} for Trillo 12"]]]
        operations.keep_session(self.db, session.id, {"searches": {"1": NAME}, "kept": kept, "numbers": True})
        operations.note_look(self.db, BY, "saw-number", {"call": CALL})

    def write_down(self):
        sample = json.dumps({"X-From": PHONE})
        self.db.commit(lambda tx: tx.execute(
            "INSERT INTO rejection_samples (received_us, reason, headers) VALUES (1, 'x', ?)", (sample,)
        ))  # fmt: skip
        self.db.commit(lambda tx: tx.execute(
            "INSERT INTO pauses (handler, reason, since_us) VALUES ('hubspot.keep_contact', ?, 1)",
            (f"refused for {EMAIL}",),
        ))  # fmt: skip

    def erase(self, **changes):
        return erase(self.db, self.settings, (), subject(**changes or {"phones": [PHONE]}))

    def left(self):
        """Which of the words are found in any row, or byte, of the database."""
        return [word for word in WORDS if word.lower().encode() in self.bytes().lower()]

    def bytes(self):
        if self.settings.database_url:
            dump = programs().parent / "bin" / "pg_dump"
            return (
                subprocess.run([dump, self.settings.database_url], capture_output=True, check=True).stdout + self.rows()
            )
        return b"".join(path.read_bytes() for path in Path(self.env["DATA_DIR"]).glob("inbox.db*")) + self.rows()

    def rows(self):
        """All rows as text, as a dump writes bytes in another way."""
        tables = {*TABLES, "facts", "chores", "leases", "rejection_counts", "throttles"}
        return repr(
            [[tuple(dict(row).values()) for row in self.db.read(f"SELECT * FROM {name}")] for name in tables]
        ).encode()

    def count(self, table):
        return self.db.read(f"SELECT count(*) AS n FROM {table}")[0]["n"]


@pytest.fixture
def person(db, env):
    return Person(db, env)


def test_nothing_of_a_person_is_left_in_any_byte_and_others_stay(person):
    person.live()
    assert person.left() == list(WORDS)

    erased = person.erase()

    assert person.left() == []
    assert ([each.key for each in erased.deliveries], erased.purged, erased.conflicts) == (
        ["k-1", "k-2", "k-3"],
        True,
        1,
    )
    assert b"Bea wants whitening" in person.db.read("SELECT body FROM deliveries WHERE key = 'b-1'")[0]["body"]


def test_nothing_of_a_person_is_left_of_what_the_dashboard_keeps(person):
    person.live()
    person.look()
    back = re.sub(r"\D", "", PHONE)[::-1].encode()
    assert back in person.bytes()

    person.erase()
    operations.fold(person.db, in_zone(person.db))

    assert person.left() == []
    assert (back in person.bytes(), person.count("calls"), person.count("callbacks")) == (False, 1, 0)
    assert json.loads(person.db.read("SELECT data FROM sessions")[0]["data"]) == {"numbers": True}
    assert CALL not in str([tuple(dict(row).values()) for row in person.db.read("SELECT * FROM audit")])


def test_a_late_duplicate_a_conflict_and_a_replay_bring_nothing_back_and_a_new_call_is_kept(person):
    person.live()
    person.erase()

    again = [person.keep(body("k-1", summary=text)) for text in ("root canal of Ada, Trillo 12 " * 300, "and more")]
    for n in (1, 2, 3):
        replay(person, f"k-{n}")
    replay(person, "k-1", again=True)

    assert again == ["duplicate", "duplicate"]
    assert person.left() == []
    assert {run.state for key in ("k-1", "k-2", "k-3") for run in show(person, key).runs} == {"succeeded", "skipped"}
    assert person.keep(body("k-9", call="another-call")) == "stored"
    assert len(person.runs.undispatched(9)) == 1


def replay(person, key, **options):
    return operations.replay(person.db, the_handlers(person.env), select(person.db, names=(key,)), **options)


def show(person, key):
    [named] = operations.named(person.db, key)
    return operations.show(person.db, named.id)


def test_a_delivery_that_a_dispatcher_read_before_it_was_erased_gets_no_run(person):
    person.keep(body("k-1"))
    [row] = person.runs.undispatched(1)

    person.erase()
    person.runs.open([(row, "slack.post", "")], [row["id"]], 1)

    assert (person.count("runs"), person.left()) == (0, [])


class HeldUp:
    """A database of another machine's, whose transactions stop where they have locked a delivery, until `moment` returns."""

    def __init__(self, db, moment):
        self.db, self.moment = db, moment

    def commit(self, work):
        with self.db.transaction() as self.tx:
            return work(self)

    def executemany(self, sql, values):
        self.tx.executemany(sql, values)
        moment, self.moment = self.moment, lambda: None
        moment()

    def execute(self, sql, values=()):
        cursor = self.tx.execute(sql, values)
        if sql.startswith("UPDATE deliveries"):
            self.executemany("SELECT ?::int", [])
        return cursor


def opens(person, db):
    [row] = person.db.read("SELECT id, source, event, call_id FROM deliveries")
    Backlog(db).open([(row, Lane("", "slack.post", ""))], [row["id"]], 1)


def opens_again(person, db):
    job = operations.make_replay(person.db, the_handlers(person.env), select(person.db, names=("k-1",)))
    operations.start(person.db, job.id)
    rows = person.db.read(NEXT, (job.id, "", "slack.post", "", 9))
    db.commit(Opening(job.id, rows, "", 1))


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@pytest.mark.parametrize("verb", [opens, opens_again])
def test_a_run_that_another_machine_is_just_opening_ends_with_the_rest(person, verb):
    person.keep(body("k-1"))
    if verb is opens_again:
        person.open()
    erasing = threading.Thread(target=person.erase)
    waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"

    def moment():
        erasing.start()
        until(lambda: not erasing.is_alive() or person.db.read(waiting), what="the erasure's end, or its wait")

    verb(person, HeldUp(connect(person.settings), moment))
    erasing.join()

    assert (states(person), person.left()) == (["skipped"], [])


def test_what_a_replay_has_read_before_it_was_erased_is_not_opened_again(person):
    person.keep(body("k-1"))
    [run] = person.open(("slack.post", ""))
    person.end(run, DEAD)
    job = operations.make_replay(person.db, the_handlers(person.env), select(person.db, names=("k-1",)))
    operations.start(person.db, job.id)

    person.erase()
    operations.advance(person.db, job.id, {})

    assert (operations.job(person.db, job.id).runs("left"), states(person)) == (1, ["skipped"])


def states(person):
    return [row["state"] for row in person.db.read("SELECT state FROM runs ORDER BY id")]


def the_handlers(env):
    return registry.activate(registry.load("handlers"), {**env, **ON})


def test_a_run_under_way_is_finished_first_and_what_it_left_is_named(person):
    person.keep(body("k-1"))
    [run] = person.open(("slack.post", ""))
    claimed = claim(person.runs, run, "me", person.db.now_us())
    erasing = threading.Thread(target=lambda: results.append(person.erase()))
    results = []

    erasing.start()
    until(lambda: person.db.read("SELECT 1 FROM deliveries WHERE erased_us IS NOT NULL"), what="that it is closed")
    still_whole = person.db.read("SELECT body FROM deliveries")[0]["body"]
    finish(person.runs, claimed, "me", DONE, person.db.now_us())
    erasing.join()

    assert bytes(still_whole) == claimed.delivery.body
    assert [(place.outcome, place.certain) for place in results[0].places] == [("message 17.5 in C0123 for …", True)]
    assert (person.left(), states(person)) == ([], ["succeeded"])


def test_an_attempt_that_fails_meanwhile_is_the_last(person):
    person.keep(body("k-1"))
    [run] = person.open(("slack.post", ""))
    claimed = claim(person.runs, run, "me", person.db.now_us())
    later = Verdict(state="retrying", result="retry", detail=f"busy with {NAME}", failure="timeout", failed=True)

    erased = erase(
        person.db, person.settings, (), subject(phones=[PHONE]),
        sleep=lambda _: finish(person.runs, claimed, "me", later, person.db.now_us()),
    )  # fmt: skip

    assert (person.left(), states(person), [place.certain for place in erased.places]) == ([], ["skipped"], [False])


def test_a_run_that_does_not_end_is_not_waited_for_for_ever_and_nothing_is_lost(person, monkeypatch):
    person.keep(body("k-1"))
    [run] = person.open(("slack.post", ""))
    claimed = claim(person.runs, run, "me", person.db.now_us())
    monkeypatch.setattr(importlib.import_module("receiver.operations.erase"), "GRACE_S", 0.1)

    with pytest.raises(CannotErase, match="try again in a minute"):
        person.erase()
    finish(person.runs, claimed, "me", DONE, person.db.now_us())
    person.erase()

    assert (person.left(), states(person)) == ([], ["succeeded"])


def test_a_run_whose_worker_is_gone_ends_without_a_worker_to_take_it_over(person):
    person.keep(body("k-1"))
    [run] = person.open(("slack.post", ""))
    claim(person.runs, run, "me", person.db.now_us())
    person.db.commit(lambda tx: tx.execute("UPDATE runs SET lease_until_us = 1"))
    person.db.commit(lambda tx: tx.execute("UPDATE attempts SET started_us = 1"))

    person.erase()

    assert (person.left(), states(person)) == ([], ["skipped"])


@pytest.mark.parametrize("typed", ["+34 612 34 56 78", "0034612345678", "+34-612-345-678"])
@pytest.mark.parametrize("came", [PHONE, "612 34 56 78", "0034 612345678"])
def test_a_number_is_found_however_it_is_written(person, typed, came):
    person.keep(body("k-1", phone=came))
    person.keep(other("b-1"))

    assert [each.key for each in person.erase(phones=[typed]).deliveries] == ["k-1"]


@pytest.mark.parametrize("whom", [{"emails": ["Ada.Moreno@Example.com "]}, {"calls": [CALL]}])
def test_a_person_is_found_by_address_and_by_call_with_all_deliveries_of_the_call(person, whom):
    person.live()

    person.erase(**whom)

    assert person.left() == []


@pytest.mark.parametrize(
    "whom", [{}, {"phones": ["612345678"]}, {"phones": ["anonymous"]}, {"phones": ["+266696687"]}, {"emails": ["ada"]}]
)
def test_what_is_nobodys_number_or_address_is_refused(whom):
    with pytest.raises(OperationError):
        subject(**whom)


def test_a_delivery_of_another_that_names_the_number_stays_and_is_named(person):
    person.keep(other("b-1", summary="her sister has 612 34 56 78"))
    person.keep(other("b-2"))

    erased = person.erase()

    assert (erased.deliveries, erased.mentions) == ((), ("b-1",))
    assert b"her sister" in bytes(person.db.read("SELECT body FROM deliveries WHERE key = 'b-1'")[0]["body"])


def test_a_number_that_no_country_has_hides_nothing_but_itself(person):
    person.keep(body("k-1", phone="+999123456789"))
    [run] = person.open(("slack.post", ""))
    person.end(run, Verdict(state="succeeded", result="succeeded", detail="message 17.5 in C0123"))

    assert [place.outcome for place in person.erase(calls=[CALL]).places] == ["message 17.5 in C0123"]


def test_other_bytes_of_theirs_beside_a_delivery_of_another_go(person):
    person.keep(other("b-1"))
    person.keep(body("b-1", phone=None, caller_email=EMAIL))

    assert person.erase(emails=[EMAIL]).conflicts == 1
    assert (person.left(), person.count("conflicts"), person.count("deliveries")) == ([], 0, 1)


def test_of_two_businesses_one_erases_and_the_other_keeps(person):
    person.keep(body("k-1"))
    person.inbox.keep(replace(delivery_in(body("k-2"), {}, (), received_us=1), source="other"))

    assert [each.key for each in person.erase(phones=[PHONE], source="other").deliveries] == ["k-2"]
    assert [bool(row["body"]) for row in person.db.read("SELECT body FROM deliveries ORDER BY id")] == [True, False]


def test_a_note_on_their_deliveries_keeps_no_words_of_people(person):
    person.keep(body("k-1"))
    person.open(("slack.post", ""))
    operations.cancel(person.db, select(person.db, names=("k-1",)), "the lady with the poodle")

    assert person.erase().texts == 1
    notes = [json.loads(row["detail"]) for row in person.db.read("SELECT detail FROM audit WHERE action = 'cancel'")]
    assert notes == [{"job": 1, "keys": ["k-1"], "runs": 1, "erased": True}]
    assert b"poodle" not in person.bytes()


def test_what_was_never_sent_is_at_no_destination(person):
    person.keep(body("k-1"))
    _, filtered = person.open(("slack.post", ""), ("forward.forward", "ab"))
    person.end(filtered, Verdict(state="skipped", result="skipped", detail="not urgent"))

    assert person.erase().places == ()


def test_a_look_changes_nothing(person):
    person.live()
    before = person.rows()

    looked = erase(person.db, person.settings, (), subject(phones=[PHONE]), dry_run=True)

    assert person.rows() == before
    done = person.erase()
    assert replace(looked, dry_run=False) == done


def test_the_command_leaves_a_receipt_and_a_record_and_neither_names_the_person(person):
    person.live()
    looked = receiver("erase", "--phone", PHONE, "--dry-run", **person.env)
    done = receiver("erase", "--phone", PHONE, "--yes", **person.env)
    after = receiver("erase", "--phone", PHONE, "--yes", **person.env)
    shown = [receiver(*words, **person.env).stdout for words in (["deliveries"], ["show", "k-1", "--body"])]

    assert (looked.returncode, done.returncode, done.stderr, after.returncode) == (0, 0, "", 1)
    assert "3 deliveries" in done.stdout
    assert re.match(r"Receipt, 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC:\n", done.stdout)
    assert "Receipt" not in looked.stdout
    assert "slack.post  k-1  message 17.5 in C0123 for …" in done.stdout
    assert [word for word in WORDS if word != CALL and word in looked.stdout + done.stdout + "".join(shown)] == []
    assert "Nothing of theirs is kept here." in after.stdout
    [note] = person.db.read("SELECT detail FROM audit WHERE action = 'erase'")
    assert json.loads(note["detail"]) == {"by": ["phone"], "deliveries": 3, "runs": 2, "places": 2}
    assert ["erased" in shown[0], "only its id, its event and its times are kept" in shown[1]] == [True, True]

    in_spanish = receiver("show", "k-1", BUSINESS_LANGUAGE="es", **person.env).stdout
    assert ("último error  borrada" in in_spanish, "error  erased" in in_spanish) == (True, False)


def test_copies_of_the_inbox_are_named(person, tmp_path):
    backups = tmp_path.with_name(f"{tmp_path.name}-backups")
    backups.mkdir()
    files = [tmp_path / "backup.db", tmp_path / "inbox.db.before-restore", backups / "inbox-20261130.db"]
    for file in files:
        with closing(sqlite3.connect(file)) as copy:
            copy.execute("CREATE TABLE t (x)")
    (tmp_path / "signing_secret").write_text("whsec_x")
    person.keep(body("k-1"))

    named = person.erase().copies

    assert [name for name in named if name.startswith("/")] == [str(file) for file in files]
    assert bool(person.settings.database_url) == any("Postgres" in name for name in named)


def test_where_somebody_reads_the_old_content_it_says_so(person, monkeypatch):
    person.keep(body("k-1"))
    other_db = connect(person.settings)
    monkeypatch.setattr(type(person.db), "purge", partialmethod(type(person.db).purge, timeout_s=0.2))

    with reading(other_db):
        assert not person.erase().purged
    assert person.erase().purged
    assert person.left() == []


@contextmanager
def reading(db):
    """A snapshot of the database as it is now, kept for as long."""
    if db.shared:
        with psycopg.connect(**db.conninfo) as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            connection.execute("SELECT * FROM deliveries")
            yield
    else:
        with closing(connect_to_read(db.path)) as connection:
            connection.execute("BEGIN")
            connection.execute("SELECT * FROM deliveries").fetchone()
            yield


NOTHING_OF_ANYBODY = {
    *("leases", "facts", "job_runs", "rejection_counts", "chores", "schema_version", "metrics", "heartbeats"),
    *("call_quarters", "new_fields", "concerns", "alerts"),  # counts, kinds and places
    *("sources", "source_secrets"),  # of businesses, and sealed
    *("people", "roles"),  # of who works there
    "tokens",  # of partners' programs
    *("lost_lives", "organizations"),  # of businesses, whose ids are in each delivery's envelope
}
OF_AN_OLDER_VERSION = {"paces", "rejections"}  # they hold no texts either


def test_every_table_is_erased_from_or_known_to_hold_nothing_of_anybody(db):
    sql = (
        "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'"
        if db.shared
        else "SELECT name FROM sqlite_master WHERE type = 'table'"
    )

    assert {row["name"] for row in db.read(sql)} - NOTHING_OF_ANYBODY - OF_AN_OLDER_VERSION == set(TABLES)
