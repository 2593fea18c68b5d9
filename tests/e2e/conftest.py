import subprocess

import pytest

from tests.support.processes import free_port, listens, redis_program, until


@pytest.fixture
def redis_url(tmp_path):
    port = free_port()
    command = [redis_program(), "--port", str(port), "--save", "", "--maxmemory-policy", "noeviction"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL)
    until(lambda: listens(port), what="Redis")
    yield f"redis://127.0.0.1:{port}/0"
    process.kill()
    process.wait()
