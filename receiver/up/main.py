"""`receiver up`: puts the environment in order, says what runs, and supervises it."""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import os
import shlex
import socket
import sys
import threading
import time
from collections.abc import Iterator, Mapping, MutableMapping
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from .. import data_dir, store
from ..app import bind, narrow
from ..errors import ConfigurationError, StoreError, StoreUnavailable
from ..locales import Locale, Text, Texts, joined, localized
from ..settings import SUPERVISOR, Settings, check_for_web, locale_at_terminal, read
from ..store import must_be_open
from .arrivals import Arrivals
from .password import dashboard_lines, dashboard_password
from .redis_server import RedisServer, check_socket_path, redis_program
from .secret import is_in_file, signing_secret
from .supervisor import Program, Supervisor

TELL_AFTER_S = 1.0  # of waiting: a database that starts beside us needs no line
DATABASE_WITHIN_S = 30  # after a reboot, the database may start later than we do
ORPHANS_S = 1.0  # gunicorn's workers, when it was killed: they notice within 0.1 s, and answer those they have accepted
PORT_WITHIN_S = 10  # after a kill -9, for as long as the web process that was left behind still answers
# fmt: off
TEXTS = Texts({
    "runs":      ("The InboundFlow receiver runs. Ctrl-C ends it.",
                  "El receptor de InboundFlow está en marcha. Ctrl-C lo detiene."),
    "receives":  ("  receives at  {url}", "  recibe en    {url}"),
    "keeps":     ("  keeps in     {place}", "  guarda en    {place}"),
    "postgres":  ("the Postgres of DATABASE_URL", "el Postgres de DATABASE_URL"),
    "public":    ("  InboundFlow itself needs a public https address that leads here.",
                  "  InboundFlow necesita una dirección https pública que lleve hasta aquí."),
    "send":      ("Send yourself a call, in another terminal:", "Envíate una llamada, en otra terminal:"),
    "send_with": ("Send yourself a call, in another terminal that has INBOUNDFLOW_SIGNING_SECRET too:",
                  "Envíate una llamada, en otra terminal que también tenga INBOUNDFLOW_SIGNING_SECRET:"),
    "waiting":   ("Waiting for the database of DATABASE_URL at {where}, {seconds} s at most …",
                  "Esperando a la base de datos de DATABASE_URL en {where}, {seconds} s como máximo …"),
    "silent":    ("The database of DATABASE_URL at {where} does not answer: {error}",
                  "La base de datos de DATABASE_URL en {where} no responde: {error}"),
    "another":   ("Another `receiver up` runs with {folder}{owner}. Stop that one first, or set DATA_DIR to another "
                  "directory.",
                  "Otro `receiver up` funciona con {folder}{owner}. Detenlo primero, o define DATA_DIR con otra "
                  "carpeta."),
    "process":   (" (process {pid})", " (proceso {pid})"),
})
# fmt: on
BACKLOG = 1024  # connections that wait in the socket while the web process restarts


def serve(env: Mapping[str, str]) -> int:
    """Run until SIGTERM or Ctrl-C. Returns the exit code. Raises ConfigurationError."""
    return prepare(env).run()


def prepare(env: Mapping[str, str], *, quiet: bool = False) -> Supervisor:
    """Make a supervisor of everything that is to run. Raises ConfigurationError where something is set up wrongly."""
    child_env = dict(env)
    settings = read(child_env)
    data_dir.make(settings)
    with data_dir.usable():
        lock, was_killed = lock_data_dir(settings.data_dir)
        atexit.register(os.ftruncate, lock, 0)  # that we ended by ourselves
        hint = signing_secret(settings, child_env)
        dashboard_password(settings, child_env)
    settings = read(child_env)
    check_for_web(settings)
    if settings.redis_url:
        from .. import queue  # loads Redis's client, which this process needs for nothing else

        queue.check_url(settings)
    if settings.database_url:
        migrate(settings, env)
    elif settings.database_path.exists():
        with contextlib.closing(store.connect(settings)) as db, contextlib.suppress(StoreError):  # web reports that
            must_be_open(db)
    listener = listen(settings, within_s=PORT_WITHIN_S if was_killed else 0)
    child_env |= {"DATA_DIR": str(settings.data_dir), "INBOUNDFLOW_LISTEN_FD": str(listener.fileno())}
    supervisor = Supervisor(
        programs(settings, child_env, listener),
        keep_open=[lock, listener],
        on_stop=partial(narrow, listener),  # the web process drains the socket, then we close it
    )
    if not quiet:
        print(
            localized(greeting(settings, listener.getsockname()[1], hint), locale_of_reader(settings, env)), flush=True
        )
    return supervisor


def locale_of_reader(settings: Settings, env: Mapping[str, str]) -> Locale:
    """On a person's own machine, how they read; elsewhere what is printed goes into a log."""
    return locale_at_terminal(env) if settings.is_local else settings.locale


def migrate(settings: Settings, env: Mapping[str, str]) -> None:
    """Migrate the shared database. Raises ConfigurationError if it does not answer within DATABASE_WITHIN_S."""
    began = time.monotonic()
    with waiting_told(settings, locale_of_reader(settings, env)), contextlib.closing(store.connect(settings)) as db:
        while True:
            try:
                store.migrate(db)
                return
            except StoreUnavailable as error:
                if time.monotonic() - began > DATABASE_WITHIN_S:
                    raise ConfigurationError(TEXTS("silent", where=host_of(settings), error=str(error))) from error
                time.sleep(1)


@contextlib.contextmanager
def waiting_told(settings: Settings, locale: Locale) -> Iterator[None]:
    """Says after a moment what is waited for, also where no attempt to connect has ended by then."""
    waiting = TEXTS("waiting", where=host_of(settings), seconds=DATABASE_WITHIN_S)
    timer = threading.Timer(TELL_AFTER_S, lambda: print(localized(waiting, locale), flush=True))
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def host_of(settings: Settings) -> str:
    """Where DATABASE_URL leads to, without what is secret in it; "" where that cannot be read."""
    try:
        parts = urlsplit(settings.database_url)
        return f"{parts.hostname or 'localhost'}:{parts.port or 5432}"
    except ValueError:
        return ""


def programs(settings: Settings, env: MutableMapping[str, str], listener: socket.socket) -> list[Program]:
    """What runs, in the order in which it is started; it is stopped in the opposite one."""
    ours = [
        Program("worker", (sys.executable, "-m", "receiver", "worker"), env=worker_env(env)),
        Web(env, listener),
        Arrivals(settings),
    ]
    if settings.redis_url:
        return ours
    check_socket_path(settings.redis_socket)
    return [RedisServer(settings, redis_program), *ours]


def worker_env(env: Mapping[str, str]) -> dict[str, str]:
    """The environment of the worker: it tells it which process it must not outlive."""
    return {**env, SUPERVISOR: str(os.getpid())}


class Web(Program):
    """The web process. Its listening socket is ours and is closed right after it ends.

    From then on connections are refused, so a sender need not wait for an answer that nobody will give.
    """

    def __init__(self, env: Mapping[str, str], listener: socket.socket) -> None:
        super().__init__("web", (sys.executable, "-m", "receiver", "web"), env=env, fds=(listener.fileno(),))
        self.listener = listener

    def end_group(self) -> None:
        """Its workers notice that gunicorn has ended: they answer whom they have accepted, and end."""
        until = time.monotonic() + ORPHANS_S
        while self.has_group() and time.monotonic() < until:
            time.sleep(ORPHANS_S / 50)
        super().end_group()

    def stop(self, deadline: float) -> None:
        super().stop(deadline)
        self.listener.close()


def lock_data_dir(folder: Path) -> tuple[int, bool]:
    """Lock the data directory for as long as the returned file descriptor is open.

    Returns also whether the process that had the lock before was killed: one that ends by itself wipes its id out.
    Raises ConfigurationError where another process has the lock.
    """
    lock = os.open(folder / "up.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ConfigurationError(TEXTS("another", folder=str(folder), owner=lock_owner(lock))) from None
    was_killed = bool(lock_owner(lock))
    os.ftruncate(lock, 0)
    os.pwrite(lock, str(os.getpid()).encode(), 0)
    return lock, was_killed


def lock_owner(lock: int) -> Text | str:
    """The process that has the lock, as part of a sentence; empty where it has not written its id yet."""
    pid = os.pread(lock, 20, 0).decode(errors="replace").strip()
    return TEXTS("process", pid=pid) if pid.isdigit() else ""


def listen(settings: Settings, *, within_s: float = 0) -> socket.socket:
    """Listen at HOST and PORT. The socket is ours, so that connections queue while the web process restarts."""
    listener = bind(settings, within_s=within_s)
    listener.listen(BACKLOG)
    return listener


def greeting(settings: Settings, port: int, hint: str) -> Text:
    url = f"http://{settings.url_host}:{port}/webhooks/inboundflow"
    place = TEXTS("postgres") if settings.database_url else str(settings.data_dir)
    lines: list[str] = [TEXTS("runs"), TEXTS("receives", url=url), TEXTS("keeps", place=place)]
    lines += dashboard_lines(settings, port)
    if settings.is_local:
        lines += [
            TEXTS("public"),
            *([hint] if hint else []),
            TEXTS("send" if is_in_file(settings.secret_path, settings) else "send_with"),
            f"  {quoted(Path(sys.executable).parent / 'mock-sender')} call --to {url}{secret_option(settings)}",
        ]
    return joined("\n", lines)


def secret_option(settings: Settings) -> str:
    """The mock sender's option for the secret in use: the file where it is that one, else the variable."""
    path = settings.secret_path
    from_file = is_in_file(path, settings)
    return f" --secret-file {quoted(path)}" if from_file else ' --secret "$INBOUNDFLOW_SIGNING_SECRET"'


def quoted(path: Path) -> str:
    """A path as a shell takes it."""
    return shlex.quote(str(path))
