import pytest

from receiver import settings
from tests.support.browsing import PASSWORD, Browser, close_dashboards, dashboard_of
from tests.support.tools import where_it_is_noon


@pytest.fixture(params=["sqlite"])
def database_url(request):
    """The file, as what a page shows is made of the same SQL; a test of that SQL asks for both (`on_both`)."""
    return "" if request.param == "sqlite" else request.getfixturevalue("postgres").new_database()


@pytest.fixture(autouse=True)
def closed():
    yield
    close_dashboards()


@pytest.fixture
def desk_env(env):
    """The variables of a receiver with a dashboard."""
    at_noon = {"BUSINESS_TIMEZONE": where_it_is_noon().key}
    return env | at_noon | {"DASHBOARD_PASSWORD": PASSWORD, "BUSINESS_NAME": "Bright Smile Dental"}


@pytest.fixture
def dashboard(db, desk_env):
    return dashboard_of(settings.read(desk_env), db)


@pytest.fixture
def browser(dashboard):
    """Somebody who is signed in."""
    browser = Browser(dashboard)
    browser.sign_in("Ana")
    return browser


@pytest.fixture
def stranger(dashboard):
    return Browser(dashboard)
