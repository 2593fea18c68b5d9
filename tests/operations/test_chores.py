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
