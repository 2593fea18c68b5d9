import pytest


@pytest.fixture
def env(world):
    return world.env
