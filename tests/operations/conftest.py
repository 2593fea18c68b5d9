import pytest

from tests.support.story import Story


@pytest.fixture
def story(db, env):
    return Story(db, env)
