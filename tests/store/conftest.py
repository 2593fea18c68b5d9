import pytest

from receiver.store.schema import migrate
from receiver.store.sqlite import Sqlite


@pytest.fixture
def db(tmp_path):
    db = Sqlite(tmp_path / "inbox.db")
    migrate(db)
    yield db
    db.close()
