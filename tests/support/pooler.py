"""A real PgBouncer before a Postgres server: each transaction may run in another of the server's sessions."""

import os
import shutil
import subprocess
from contextlib import contextmanager

import psycopg

from tests.support.postgres import somebody
from tests.support.processes import free_port, until
from tests.support.tools import lacking

SESSIONS = 3  # of the server, for whoever comes
INI = """
[databases]
* = host=127.0.0.1 port={server} user=inboundflow
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
auth_type = any
pool_mode = transaction
default_pool_size = {sessions}
server_round_robin = 1
unix_socket_dir =
"""


@contextmanager
def pooled(server, url, folder):
    """The address of the database at `url`, by way of the pooler."""
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        lacking("PgBouncer (on Debian: apt install pgbouncer)")
    port = free_port()
    ini = folder / "pgbouncer.ini"
    ini.write_text(INI.format(server=server.port, port=port, sessions=SESSIONS))
    as_user = {"user": somebody()} if os.getuid() == 0 else {}
    with ini.open() as config:  # that user may not read the folder
        process = subprocess.Popen([program, "-q", "/dev/stdin"], stdin=config, **as_user)
    pooled_url = url.replace(f":{server.port}/", f":{port}/")

    def answers():
        try:
            psycopg.connect(pooled_url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    try:
        until(answers, what="PgBouncer")
        yield pooled_url
    finally:
        process.kill()
        process.wait()
