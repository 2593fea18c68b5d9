"""Schemathesis against a receiver that runs: no server error, no answer that the document does not have."""

import os
import subprocess
import sys
from pathlib import Path

import httpx

from receiver import settings, store
from receiver.operations import add_token
from tests.api.test_stream import Site
from tests.operations.test_feed import keep
from tests.support.processes import until
from tests.support.web import SECRET, SERVE, serving

# A stream would last for minutes.
BRIEF = SERVE.replace(
    "import os;", "import os; from receiver.api import stream; stream.LIFE_S = stream.LOOK_EVERY_S = 0.1;"
)
HOOKS = """
import os, schemathesis
from hypothesis import strategies
schemathesis.openapi.format("inboundflow-cursor", strategies.sampled_from(os.environ["CURSORS"].split()))
"""
OPTIONS = (
    *("--checks", "all", "--max-examples", "10", "--seed", "1", "--generation-database", "none", "--no-color"),
    *("--rate-limit", "15/s", "--request-timeout", "10"),  # within the rate of a token, as two processes count it
)


def test_every_answer_is_as_the_document_says(env, tmp_path):
    db = store.connect(settings.read(env))
    store.migrate(db)
    keep(db, *(f"d{n}" for n in range(30)), source="", call_id="c1")
    keep(db, "odd", source="", event="lead.created", body=b"\xff")
    token = add_token(db, "schemathesis")
    db.close()
    (tmp_path / "hooks.py").write_text(HOOKS)
    with serving(BRIEF, env | {"INBOUNDFLOW_SIGNING_SECRET": SECRET}) as port:
        site = Site(port, db, token)
        until(site.answers, what="the API")
        pages = [httpx.get(f"{site.url}/deliveries?limit={n}", headers=site.headers) for n in (1, 5, 50)]
        cursors = ["c", *(page.json()["next"] for page in pages)]
        ran = subprocess.run(
            [Path(sys.executable).parent / "schemathesis", "run", f"{site.url}/openapi.json", *OPTIONS,
             "-H", f"Authorization: Bearer {token}"],
            env={**os.environ, "CURSORS": " ".join(cursors), "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(tmp_path)},
            cwd=tmp_path, capture_output=True, text=True, timeout=240,
        )  # fmt: skip

    assert ran.returncode == 0, ran.stdout[-8000:] + ran.stderr[-2000:]
    assert "3 selected" in ran.stdout
