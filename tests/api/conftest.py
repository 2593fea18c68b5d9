import pytest
from werkzeug.test import Client

from receiver.api import create_api
from receiver.app.api import Host, KnownTokens
from receiver.operations import add_token
from receiver.store import ThreadBell


class Partner:
    """A program with a token."""

    def __init__(self, client, token):
        self.client = client
        self.token = token

    def get(self, path="/api/deliveries", method="GET", headers=(), **query):
        headers = {"Authorization": f"Bearer {self.token}"} | dict(headers)
        return self.client.open(path, method=method, query_string=query or None, headers=headers)

    def ids(self, **query):
        return [delivery["id"] for delivery in self.get(**query).json["deliveries"]]


class Api:
    """The API at the test's database, in this process."""

    def __init__(self, db):
        self.db = db
        self.known = KnownTokens(db)
        self.app = create_api(db, Host(self.known, ThreadBell()))

    def partner(self, source):
        """One of a source that need not be there, as the tests put its deliveries in directly."""
        token = add_token(self.db, f"for {source}")
        id = token.split("_")[1]
        self.db.commit(lambda tx: tx.execute("UPDATE tokens SET source = ? WHERE id = ?", (source, id)))
        self.known.look()
        return Partner(Client(self.app), token)


@pytest.fixture
def api(db):
    return Api(db)


@pytest.fixture
def partner(api):
    return api.partner("acme")
