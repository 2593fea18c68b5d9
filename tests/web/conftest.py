import pytest

from receiver import settings
from receiver.app.build import create_app


@pytest.fixture
def client(app_env):
    return create_app(settings.read(app_env)).test_client()


@pytest.fixture
def database(app_env):
    return app_env["DATA_DIR"] + "/inbox.db"
