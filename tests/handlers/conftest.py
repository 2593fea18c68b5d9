import pytest

from handlers import salesforce
from handlers.hubspot import activities
from handlers.salesforce import client as salesforce_client
from handlers.salesforce import people as salesforce_people
from tests.handlers.slack.office import Office


@pytest.fixture
def office(world):
    return Office(world)


@pytest.fixture(autouse=True)
def unknown_accounts():
    """Each test begins as a process does: without a token of Salesforce's, and knowing nothing of any account."""
    for known in (salesforce_client._tokens, salesforce_client._users, salesforce_people._hidden):
        known.clear()
    for known in (salesforce._with_company, activities._not_unique, activities._outcomes):
        known.clear()
