import pytest

from receiver import settings
from receiver.app.build import create_app
from tests.support.web import SECRET


@pytest.fixture
def app_env(tmp_path):
    return {"DATA_DIR": str(tmp_path), "INBOUNDFLOW_SIGNING_SECRET": SECRET}


@pytest.fixture
def client(app_env):
    return create_app(settings.read(app_env)).test_client()


@pytest.fixture
def database(app_env):
    return app_env["DATA_DIR"] + "/inbox.db"
