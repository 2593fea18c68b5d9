from receiver.doctor.worker import check_worker
from receiver.operations import ChoreRecord, chore_records

SQL = "INSERT INTO chores (name, started_us, ended_us, problem) VALUES (?, ?, ?, ?)"


def test_the_last_turn_of_each_chore_is_told(db):
    rows = [("sweep", 1, 2, ""), ("inspect", 3, None, ""), ("prune", 4, 5, "it failed (StoreError)")]
    db.commit(lambda tx: tx.executemany(SQL, rows))

    assert chore_records(db) == [
        ChoreRecord(name="inspect", started_us=3, ended_us=None, problem=""),
        ChoreRecord(name="prune", started_us=4, ended_us=5, problem="it failed (StoreError)"),
        ChoreRecord(name="sweep", started_us=1, ended_us=2, problem=""),
    ]


def test_doctor_tells_of_those_that_failed_or_never_ended(db):
    now_us = db.now_us()
    rows = [
        ("sweep", now_us, now_us, ""),
        ("inspect", now_us - 3 * 3_600_000_000, None, ""),
        ("prune", now_us, now_us, "it failed (StoreError)"),
        ("look", now_us, now_us, "The inbox file inbox.db is damaged."),  # check_storage tells of that
    ]
    db.commit(lambda tx: tx.executemany(SQL, rows))

    messages = [finding.message for finding in check_worker(db, "", []) if "chore" in finding.message]

    assert messages == [
        "the chore 'inspect' was begun and has not ended",
        "the chore 'prune' did not succeed: it failed (StoreError)",
    ]
