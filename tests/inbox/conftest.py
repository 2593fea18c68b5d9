import pytest

from receiver.inbox import Sqlite, migrate


@pytest.fixture
def db(tmp_path):
    db = Sqlite(tmp_path / "inbox.db")
    migrate(db)
    yield db
    db.close()
