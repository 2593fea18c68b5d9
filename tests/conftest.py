import pytest

from mock_sender.destinations import Destinations


@pytest.fixture
def world():
    """A Slack, a Google Sheets, a HubSpot and a plain URL on loopback."""
    with Destinations() as world:
        yield world
