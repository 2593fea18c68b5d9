import pytest

from tests.handlers.slack.office import Office


@pytest.fixture
def office(world):
    return Office(world)
