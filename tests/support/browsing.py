"""A person at the dashboard, without a browser: follows no redirect by itself, and keeps cookies as a browser does."""

from __future__ import annotations

import re
from html import unescape

from werkzeug.test import Client

from receiver import store
from receiver.dashboard import create_dashboard

PASSWORD = "correct horse battery"
OWN = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


READ = []  # what the test's dashboards read from


def dashboard_of(settings, db):
    READ.append(store.reads_apart(settings, db))
    return create_dashboard(settings, READ[-1])


def close_dashboards():
    while READ:
        READ.pop().close()


class Browser:
    def __init__(self, app, base="http://localhost", address="127.0.0.1"):
        self.client = Client(app)
        self.base = base
        self.address = address
        self.page = None

    def get(self, path, **headers):
        return self.open("GET", path, headers=headers)

    def open(self, method, path, **more):
        more.setdefault("environ_base", {"REMOTE_ADDR": self.address})
        self.page = self.client.open(path, method=method, base_url=self.base, **more)
        return self.page

    def post(self, path, headers=None, **fields):
        """As from the page that was read last."""
        token = TOKEN.search(self.page.text)
        data = ({"csrf_token": token[1]} if token else {}) | fields
        own = {"Origin": self.base, "Sec-Fetch-Site": "same-origin"} if headers is None else headers
        return self.open("POST", path, data=data, headers=own)

    def submit(self, action, **fields):
        """The form of the page that goes to `action`, with what is hidden in it."""
        forms = [body for head, body in FORM.findall(self.page.text) if f'action="{action}"' in head]
        assert forms, f"no form to {action} in {self.page.text}"
        hidden = {name: unescape(value) for name, value in HIDDEN.findall(forms[0])}
        return self.post(action, **hidden | fields)

    def follow(self):
        return self.get(self.page.headers["Location"])

    def sign_in(self, name="Ana", password=PASSWORD, **fields):
        self.get("/sign-in")
        return self.post("/sign-in", name=name, password=password, **fields)

    @property
    def text(self):
        """What a person reads."""
        return read(self.page.text)


def read(html):
    body = html.partition("<body")[2].partition(">")[2]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body))).strip()


def on_both():
    """For a test that is to run on both databases."""
    import pytest

    return pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)


def flask_app(wsgi):
    """The Flask application inside its wrappers."""
    return wsgi.app.__closure__[0].cell_contents.__self__


def desk_of(wsgi):
    return flask_app(wsgi).extensions["desk"]
