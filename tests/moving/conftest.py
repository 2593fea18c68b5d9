import pytest

from receiver import settings, store


@pytest.fixture
def url(postgres):
    return postgres.new_database()


@pytest.fixture
def target(tmp_path, url):
    db = store.connect(settings.read({"DATA_DIR": str(tmp_path), "DATABASE_URL": url}))
    yield db
    db.close()
