import pytest

from mock_sender.destinations import Destinations


@pytest.fixture
def played():
    """The played destinations, served, with nothing in them."""
    with Destinations() as played:
        yield played
