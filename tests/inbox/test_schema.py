import multiprocessing

from receiver.inbox import Sqlite, migrate
from receiver.inbox.schema import MIGRATIONS


def open_and_migrate(path):
    db = Sqlite(path)
    migrate(db)
    db.close()


def test_ten_processes_that_start_at_once_migrate_it_once(tmp_path):
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=open_and_migrate, args=(tmp_path / "inbox.db",)) for _ in range(10)]

    for process in processes:
        process.start()
    for process in processes:
        process.join()

    assert [process.exitcode for process in processes] == [0] * 10
    assert Sqlite(tmp_path / "inbox.db").read("PRAGMA user_version")[0][0] == len(MIGRATIONS)
