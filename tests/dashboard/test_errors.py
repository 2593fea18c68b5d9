import logging

import pytest

from receiver import settings, store
from receiver.dashboard import create_dashboard
from receiver.errors import StoreError, StoreUnavailable
from tests.support.browsing import Browser


class Breaking:
    """A database that is away for reads, or for commits too, once told so."""

    def __init__(self, db):
        self.db = db
        self.reads = self.commits = True

    def __getattr__(self, name):
        return getattr(self.db, name)

    def read(self, *arguments, **more):
        if not self.reads:
            raise StoreUnavailable("the database did not answer within 2 s")
        return self.db.read(*arguments, **more)

    def commit(self, *arguments, **more):
        if not self.commits:
            raise StoreUnavailable("the database did not answer within 2 s")
        return self.db.commit(*arguments, **more)


@pytest.fixture
def breaking(db):
    return Breaking(db)


@pytest.fixture
def visitor(breaking, desk_env):
    browser = Browser(create_dashboard(settings.read(desk_env), breaking))
    browser.sign_in()
    return browser


@pytest.mark.parametrize(("commits", "said"), [(True, "New ones are kept"), (False, "New ones are refused")])
def test_a_database_that_is_away_is_said_to_be_away_and_never_an_empty_list(visitor, breaking, commits, said):
    breaking.reads, breaking.commits = False, commits

    page = visitor.get("/")

    assert (page.status_code, page.headers["Retry-After"]) == (503, "10")
    assert "We cannot read the calls just now" in visitor.text
    assert said in visitor.text
    assert 'data-every="10"' in page.text

    breaking.reads = breaking.commits = True
    assert visitor.get("/").status_code == 200  # still signed in


def test_what_is_not_there_leads_back(browser):
    page = browser.get("/nowhere")

    assert (page.status_code, "There is no such page" in browser.text) == (404, True)
    assert 'href="/"' in page.text


def test_a_mistake_of_ours_names_its_place_and_nothing_of_the_caller(browser, monkeypatch, caplog):
    def fail(*_, **__):
        raise ValueError("+15550100 said")

    monkeypatch.setattr("receiver.operations.alarms", fail)
    with caplog.at_level(logging.ERROR, "receiver.dashboard"):
        page = browser.get("/help")

    assert page.status_code == 500
    assert "ValueError at " in caplog.text
    assert "+15550100" not in caplog.text + page.text


def test_a_read_that_takes_too_long_is_the_same_as_one_that_fails(db, desk_env):
    apart = store.reads_apart(settings.read(desk_env), db)
    endless = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT max(i) FROM n"
    )

    with pytest.raises(StoreError, match="the read took over"):
        apart.read(endless, timeout_s=0.3)
    assert apart.read("SELECT 1 AS one")[0]["one"] == 1
    apart.close()
