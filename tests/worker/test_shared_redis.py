"""Two receivers that were given the same Redis: a second business, or a trial beside what runs."""

import time
from contextlib import ExitStack

import pytest

from receiver import settings, store
from tests.worker.conftest import Bench

pytestmark = pytest.mark.timed
KEYS = 40
SOON_S = 3  # less than the 4 s after which a run is missed that somebody else's worker has eaten


class Tenant(Bench):
    """A receiver at a Redis that is not its own."""

    @property
    def env(self):
        return super().env | {"REDIS_URL": f"unix://{self.dir.parent}/redis.sock"}


@pytest.fixture
def tenants(bench, postgres):
    """One on a file and one on Postgres: their runs have the same numbers."""
    with ExitStack() as stack:
        made = []
        for name, url in (("ours", ""), ("theirs", postgres.new_database())):
            env = {"DATA_DIR": str(bench.dir / name), "DATABASE_URL": url}
            (bench.dir / name).mkdir()
            db = store.connect(settings.read(env))
            stack.callback(db.close)
            store.migrate(db)
            made.append(Tenant(bench.dir / name, db, bench.redis, env))
        yield made
        for tenant in made:
            for context in tenant.processes:
                context.__exit__(None, None, None)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_each_ones_runs_arrive_at_once_and_by_its_own_worker(tenants):
    for tenant in tenants:
        tenant.work()
        tenant.keep("first")
    for tenant in tenants:
        tenant.until_states("toys.steady", ["succeeded"])

    began = time.monotonic()
    for tenant in tenants:
        tenant.keep(*[f"d-{n}" for n in range(KEYS)])
    for tenant in tenants:
        tenant.until_states("toys.steady", ["succeeded"] * (KEYS + 1))
    took_s = time.monotonic() - began

    assert [len(tenant.notes("toys.steady")) for tenant in tenants] == [KEYS + 1] * 2
    assert [tenant.attempts("toys.steady") for tenant in tenants] == [[1] * (KEYS + 1)] * 2
    assert took_s < SOON_S
