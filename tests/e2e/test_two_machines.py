"""Two web and two worker machines on one Postgres and one Redis: no shared files, and two of the four are killed."""

import os
import random
import signal
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from mock_sender import payloads, sender
from receiver import settings, store
from tests.support.processes import free_port, listens, started, until

SECRET = "a secret for tests"
CALLS = 6


def test_each_call_has_one_effect_whichever_machine_does_what(tmp_path, postgres, redis_url, world):
    shared = world.env | {
        "DATABASE_URL": postgres.new_database(), "REDIS_URL": redis_url, "INBOUNDFLOW_SIGNING_SECRET": SECRET,
    }  # fmt: skip
    store.migrate(store.connect(settings.read(shared)))
    rng = random.Random(4)
    deliveries = [payload for _ in range(CALLS) for payload in payloads.call(rng)]
    with ExitStack() as machines:

        def machine(number, command):
            env = {**os.environ, **shared, "DATA_DIR": str(tmp_path / str(number)), "PORT": str(ports[number])}
            return machines.enter_context(started("-m", "receiver", command, env=env))

        ports = [free_port() for _ in range(4)]
        webs, workers = [machine(0, "web"), machine(1, "web")], [machine(2, "worker"), machine(3, "worker")]
        until(lambda: listens(ports[0]) and listens(ports[1]), what="both web processes")

        def send(payload, first):
            """To one machine, and to the other too: as a copy, or because the first is gone."""
            order = (ports[0], ports[1]) if first else (ports[1], ports[0])
            urls = [f"http://127.0.0.1:{port}/webhooks/inboundflow" for port in order]
            return [sender.deliver(url, payload, secret=SECRET).said for url in urls]

        with ThreadPoolExecutor(6) as pool:
            sending = [pool.submit(send, payload, n % 2) for n, payload in enumerate(deliveries)]
            until(lambda: len(world.state()["effects"]) > 12, what="some effects")
            os.killpg(workers[0].pid, signal.SIGKILL)
            os.killpg(webs[1].pid, signal.SIGKILL)
            said = Counter(word for one in sending for word in one.result())

        db = store.connect(settings.read(shared))
        done = "SELECT count(*) AS n FROM runs WHERE state = 'succeeded'"
        until(lambda: db.read(done)[0]["n"] == 3 * len(deliveries), within_s=90, what="every run's end")
        kept = db.read("SELECT count(*) AS n FROM deliveries")[0]["n"]
        db.close()

    effects = Counter((one["destination"], one["delivery_id"]) for one in world.state()["effects"])
    assert kept == len(deliveries)
    assert said["stored"] <= len(deliveries)
    assert effects == {(place, p.delivery_id): 1 for place in ("slack", "sheets", "hubspot") for p in deliveries}
