import pytest

from tests.support.processes import free_port
from tests.support.restarts import SECRET


@pytest.fixture
def place(tmp_path):
    return {"DATA_DIR": str(tmp_path), "PORT": str(free_port()), "INBOUNDFLOW_SIGNING_SECRET": SECRET}
