"""What a person does with the panel, and what its receivers answer."""

import html
import re

from mock_sender.panel import create_app
from mock_sender.payloads import EVENTS
from tests.support.processes import until
from tests.support.sender import say

STORED = say(200, b'{"status": "stored"}')
REFUSED = say(401, b'{"reason": "signature-mismatch", "detail": "Not signed with this secret."}')
OWN = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}


class Panel:
    """What a person does with it."""

    def __init__(self, flow, business):
        self.flow = flow
        self.client = create_app(flow, business).test_client()

    def see(self, path, **options):
        answer = self.client.get(path, **options)
        return answer.status_code, text_of(answer.text)

    def send(self, path, headers=OWN, **fields):
        return self.client.post(path, data=fields, headers=headers)

    def fill(self, press, kind="custom", **fields):
        typed = {"name": "oficina", "events": [*EVENTS], "retries": "none", "resign": "fresh", "press": press}
        return self.send(f"/integrations/{kind}", **typed | fields)

    def connect(self, receiver, **fields):
        assert self.fill("save", url=receiver.url, secret="s3cret", **fields).status_code == 303
        return self.flow.connections()[-1]

    def simulate(self, connection, **fields):
        return self.send(f"/connections/{connection.id}/simulate", **fields)

    def settled(self, count):
        """The deliveries, the newest first, once there are so many and all of them are over."""

        def over():
            found = self.flow.deliveries()
            return len(found) == count and all(one.state != "waiting" for one in found) and found

        return until(over, what=f"{count} deliveries")


def text_of(page):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())
