"""n8n with a workflow that answers at once, on a fresh SQLite: python -m benchmarks.contenders.n8n_webhook FOLDER

The workflow (n8n_webhook.json) is a Webhook node that responds immediately, and a node after it. All settings are
n8n's own, but that it sends nothing home and shows no editor. `python -m tests.receivers.n8n` installs it.
"""

from __future__ import annotations

import http.client
import os
import sys
from contextlib import closing, suppress
from pathlib import Path

from tests.receivers.n8n import PROGRAM, environment, publish
from tests.support.processes import free_port

WORKFLOW = Path(__file__).with_name("n8n_webhook.json")
PATH = "/webhook/inboundflow"


def main() -> None:
    env = environment(
        N8N_USER_FOLDER=sys.argv[1], N8N_PORT=os.environ["PORT"], N8N_LISTEN_ADDRESS="127.0.0.1",
        N8N_RUNNERS_BROKER_PORT=str(free_port()),
    )  # fmt: skip
    publish(WORKFLOW, env)
    os.execve(PROGRAM, [str(PROGRAM), "start"], env)


def serves(port: int) -> bool:
    """n8n listens, and says that it is healthy, some seconds before its webhooks are there.

    So a browser's question is asked, which starts no execution: which methods are allowed at the webhook?
    """
    with suppress(OSError, http.client.HTTPException):
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
            connection.request("OPTIONS", PATH, headers={"Origin": "http://127.0.0.1"})
            answer = connection.getresponse()
        return "POST" in (answer.headers["Access-Control-Allow-Methods"] or "")
    return False


if __name__ == "__main__":
    main()
