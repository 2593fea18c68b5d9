import os

import pytest

from tests.support.processes import free_port


@pytest.fixture
def place(tmp_path):
    """A DATA_DIR and a port of one's own."""
    return {"DATA_DIR": str(tmp_path / "data"), "PORT": str(free_port()), "PATH": os.environ["PATH"]}
