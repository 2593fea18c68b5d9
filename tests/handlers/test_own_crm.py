"""The code in recipes/your-own-crm.md runs as it stands there."""

import itertools
import json
import re
import sys
import threading
import types
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from receiver import registry
from receiver.events import Delivery
from receiver.registry import Earlier, Run
from tests.support.crm import a_call
from tests.support.processes import CHECKOUT

TOKEN = "t0ken"


class AcmeRequest(BaseHTTPRequestHandler):
    """Keeps one thing under each path, with the fields that it was ever given."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_PUT(self):
        fields = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status = 200 if self.headers["Authorization"] == f"Bearer {TOKEN}" else 401
        if status == 200:
            self.server.things.setdefault(self.path, {}).update(fields)
        content = json.dumps({"id": self.path.rpartition("/")[2]}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@pytest.fixture
def acme():
    server = ThreadingHTTPServer(("127.0.0.1", 0), AcmeRequest)
    server.things = {}
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def handler():
    """The recipe's handler, taken out of the registry again afterwards."""
    code = re.search(r"```python\n(.+?)```", (CHECKOUT / "recipes/your-own-crm.md").read_text(), re.DOTALL)[1]
    module = types.ModuleType("recipe.acme")
    sys.modules["recipe.acme"] = module
    exec(compile(code, "recipes/your-own-crm.md", "exec"), module.__dict__)
    yield module.keep_caller
    registry.handlers._registered.pop("acme.keep_caller")
    del sys.modules["recipe.acme"]


def test_the_handler_in_the_recipe_keeps_a_call_once_in_any_order(acme, handler):
    settings = {"ACME_URL": f"http://127.0.0.1:{acme.server_port}", "ACME_TOKEN": TOKEN}
    left = []
    for events in itertools.permutations(a_call()):
        acme.things.clear()
        done = []
        for event in [*events, *events]:
            earlier = [one for one in done if one.event is not event]
            run = Run(
                id=1, handler="acme.keep_caller", settings=settings, earlier=lambda earlier=earlier: earlier,
                delivery=Delivery(key=event.delivery_id, body=b"", received_us=1),
            )  # fmt: skip
            done.append(Earlier(event=event, outcome=handler(event, run)))
        left.append({path: dict(one) for path, one in acme.things.items()})

    assert [one for one in left if one != left[0]] == []
    assert sorted(path.split("/")[1] for path in left[0]) == ["bookings", "calls", "notes", "people"]
