"""A real Postgres server in a directory of its own, for tests; never the machine's."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from functools import cached_property
from pathlib import Path

import psycopg

from receiver import settings, store
from tests.support.processes import free_port, until

NUMBERS = itertools.count()


def programs():
    """The folder of Postgres's server programs, or None."""
    if program := shutil.which("postgres"):
        return Path(program).resolve().parent
    folders = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/opt/homebrew/opt").glob("postgresql*/bin")]
    return next((folder for folder in sorted(folders, reverse=True) if (folder / "postgres").exists()), None)


class Server:
    """One server on loopback, its files in a `folder`. It refuses to run as root, so there it runs as another user."""

    def __init__(self, *, folder=None, **settings):
        self.dir = Path(tempfile.mkdtemp(prefix="postgres-", dir=folder))
        self.bin = programs()
        self.port = free_port()
        self.as_user = {"user": somebody()} if os.getuid() == 0 else {}
        if self.as_user:
            shutil.chown(self.dir, self.as_user["user"])
        self.run("initdb", "-A", "trust", "-U", "inboundflow", "-E", "UTF8", "--no-sync", "-D", self.dir / "data")
        self.settings = {"port": self.port, "unix_socket_directories": self.dir, "listen_addresses": "127.0.0.1"}
        self.settings |= {"max_connections": 60, "shared_buffers": "16MB"} | settings
        self.start()

    def run(self, program, *arguments):
        command = [self.bin / program, *arguments]
        subprocess.run(command, check=True, capture_output=True, cwd=self.dir, **self.as_user)

    def start(self):
        options = [word for name, value in self.settings.items() for word in ("-c", f"{name}={value}")]
        self.process = subprocess.Popen(
            [self.bin / "postgres", "-D", self.dir / "data", *options],
            cwd=self.dir, stdout=(self.dir / "log").open("ab"), stderr=subprocess.STDOUT, **self.as_user,
        )  # fmt: skip
        until(self.answers, what="Postgres")

    def stop(self, how=signal.SIGINT):
        """At once and tidily; with SIGQUIT as in a crash."""
        self.process.send_signal(how)
        self.process.wait()

    def fail_over(self):
        """Become a standby, and be promoted: the same content on another timeline."""
        self.stop()
        (self.dir / "data" / "standby.signal").touch()
        self.start()
        self.execute("SELECT pg_promote()")
        until(lambda: not self.execute("SELECT pg_is_in_recovery()")[0][0], what="the promotion")

    def answers(self):
        try:
            self.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def url(self, database="postgres"):
        return f"postgres://inboundflow@127.0.0.1:{self.port}/{database}"

    def execute(self, sql, database="postgres"):
        with psycopg.connect(self.url(database), autocommit=True, connect_timeout=2) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else None

    def new_database(self, *, migrated=False):
        """The address of a database of its own: empty, or with all tables."""
        name = f"test_{next(NUMBERS)}"
        self.execute(f"CREATE DATABASE {name}" + (f" TEMPLATE {self.migrated}" if migrated else ""))
        return self.url(name)

    @cached_property
    def migrated(self):
        """A database that others are made of, as to migrate each takes several times as long."""
        url = self.new_database()
        db = store.connect(settings.read({"DATABASE_URL": url}))
        store.migrate(db)
        db.close()
        return url.rpartition("/")[2]

    def close(self):
        self.stop(signal.SIGQUIT)  # at once: nobody needs it any more
        subprocess.Popen(["rm", "-rf", self.dir], start_new_session=True)  # half a minute, for hundreds of databases


def somebody():
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise AssertionError("no user to run Postgres as")
