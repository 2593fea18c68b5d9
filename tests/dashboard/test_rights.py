import pytest

from receiver.dashboard import rights
from tests.support.browsing import flask_app


def test_each_view_names_what_it_needs(dashboard):
    views = flask_app(dashboard).view_functions

    assert {name for name, view in views.items() if getattr(view, "right", None) is None} == set()


def test_a_view_that_names_nothing_or_what_a_role_may_not_is_refused(browser, monkeypatch):
    assert browser.get("/help").status_code == 200

    monkeypatch.setitem(rights.ROLES, "owner", frozenset())
    assert (browser.get("/help").status_code, "You may not do this" in browser.text) == (403, True)


def test_a_right_that_does_not_exist_is_a_mistake():
    with pytest.raises(ValueError, match="no right 'luck'"):
        rights.needs("luck")
