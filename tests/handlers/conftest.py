import pytest

from handlers.salesforce import client as salesforce_client
from tests.handlers.slack.office import Office


@pytest.fixture
def office(world):
    return Office(world)


@pytest.fixture(autouse=True)
def no_token():
    """Each test begins as a process does: without a token of Salesforce's."""
    salesforce_client._tokens.clear()
