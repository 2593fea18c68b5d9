import subprocess
import sys

from mock_sender import schemas


def test_the_command_writes_every_file(tmp_path):
    command = [sys.executable, "-m", "mock_sender.schemas", "--out", str(tmp_path / "new")]

    subprocess.run(command, check=True, capture_output=True)

    written = {str(path.relative_to(tmp_path / "new")): path.read_text() for path in tmp_path.rglob("*.json")}
    assert written == schemas.files()
