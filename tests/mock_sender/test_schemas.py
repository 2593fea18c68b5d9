from mock_sender import schemas
from tests.mock_sender.schemas.examples import COMMITTED


def test_the_committed_files_are_what_the_definition_gives():
    found = {str(path.relative_to(COMMITTED)): path.read_text() for path in COMMITTED.rglob("*.json")}

    assert found == schemas.files(), "run .venv/bin/python -m mock_sender.schemas"
