"""gunicorn, set up once, with a reason beside each number.

It is started from a subclass of its application, which reads neither GUNICORN_CMD_ARGS nor a gunicorn.conf.py:
some platforms preset the first, with --preload among others, and that opens databases before the fork.

Slow clients: a connection costs a greenlet, and each process has CONNECTIONS of them. Headers and body have READ_S
seconds together from the first byte on; a genuine delivery beside clients that dawdle is answered in milliseconds.
A proxy that buffers requests (Caddy, nginx, Heroku's and Render's routers) lets no such client through.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import resource
import socket
from collections.abc import Mapping
from typing import Any, ClassVar

import gunicorn
from gunicorn import systemd
from gunicorn.app.base import BaseApplication

from .. import data_dir, queue
from ..errors import ConfigurationError, MissingSetting, StoreError
from ..settings import Settings, check_for_web, missing_secret
from ..store import must_be_open
from . import door
from .arbiter import GentleArbiter
from .build import create_app, open_inbox
from .known import has_sources
from .loop import LoopBell
from .malformed import LINE_BYTES

PROCESSES = 2  # one commits while the other parses; more only take turns at the same disk, and cost 35 MB each
BACKLOG = 1024  # connections that queue during a restart, or behind slow clients
KEEPALIVE_S = 100  # longer than the 60 to 90 s that proxies keep an idle connection, so that they close it first
GRACEFUL_S = 9  # a request ends within 8 s
CONNECTIONS = 2000  # open at once in each process; a client that dawdles costs a descriptor and some 50 KB
OTHER_FILES = 100  # of a process: the database's (three for each read), the listening socket, Redis's for /readyz
HUNG_S = 30  # a process whose main loop gives no sign for so long is replaced; requests are bounded otherwise
HEADER_BYTES = 8190
GARBAGE = 20_000  # objects that gather before Python looks for cycles: of a request some 50 live until it is answered
ADDRESS_S = 4  # the process before this one may be about to end

OPTIONS = {
    "worker_class": "receiver.app.patience.PatientWorker",
    "workers": PROCESSES,  # stated, as the default would be the platform's WEB_CONCURRENCY
    "backlog": BACKLOG,
    "keepalive": KEEPALIVE_S,
    "graceful_timeout": GRACEFUL_S,
    "timeout": HUNG_S,
    "limit_request_line": LINE_BYTES,
    "limit_request_field_size": HEADER_BYTES,
    "preload_app": False,  # each process opens the database after the fork
    "accesslog": None,  # a line for each delivery would cost more than the delivery
    "errorlog": "-",
    "logger_class": "receiver.app.log.OneLog",
    "loglevel": "error",  # warnings are a line, in a stranger's words, for each request that is not HTTP
    "secure_scheme_headers": {},  # proxies that say https in two ways would get 400; nothing here depends on it
    "forwarded_allow_ips": "*",  # nothing is believed of anybody, so nobody's address has to be looked at
    "forwarder_headers": "",  # a SCRIPT_NAME header from a proxy on this machine would be a 500
    "control_socket_disable": True,
    "worker_tmp_dir": None,
    "http_parser": "auto",  # the C parser of gunicorn-h1c where that is installed
}


def serve(settings: Settings, listen_fd: int | None = None) -> None:
    """Serve until SIGTERM, on an inherited listening socket or on HOST and PORT. Raises ConfigurationError."""
    check_for_web(settings)
    queue.check_url(settings)
    data_dir.make(settings)
    check_inbox(settings)
    if listen_fd is not None:
        server = Server(settings, f"fd://{listen_fd}", narrows=False)
    elif systemd.listen_fds(unset_environment=False):  # gunicorn takes it by itself, whatever the address
        server = Server(settings, "127.0.0.1:0", narrows=False)
    else:
        server = Server(settings, free_address(settings), narrows=door.CAN_NARROW)
    server.run()


def check_inbox(settings: Settings) -> None:
    """Before any process is forked, so that what is wrong is reported once. Raises ConfigurationError."""
    with contextlib.closing(open_inbox(settings)) as db, contextlib.suppress(StoreError):
        must_be_open(db)
        if not settings.has_business and not has_sources(db, settings):
            raise MissingSetting(missing_secret(settings))


def free_address(settings: Settings) -> str:
    """HOST and PORT for gunicorn, which says itself that it cannot listen there, but not what to do."""
    with door.bind(settings, within_s=ADDRESS_S) as listener:
        host = listener.getsockname()[0]
        return f"[{host}]:{settings.port}" if listener.family == socket.AF_INET6 else f"{host}:{settings.port}"


class Server(BaseApplication):  # type: ignore[misc]
    options: ClassVar[Mapping[str, Any]] = OPTIONS

    def __init__(self, settings: Settings, bind: str, *, narrows: bool) -> None:
        self.settings = settings
        self.bind = bind
        self.narrows = narrows  # the socket, when it ends: it is this server's own, and nobody takes it over
        super().__init__()

    def load_config(self) -> None:
        """Raises ConfigurationError for an option that this gunicorn does not know, as each has its reason."""
        for name, value in {**self.options, "bind": self.bind, "worker_connections": connections()}.items():
            if name not in self.cfg.settings:
                raise ConfigurationError(f"gunicorn {gunicorn.__version__} has no option {name}: see pyproject.toml.")
            self.cfg.set(name, value)

    def load(self) -> Any:
        logging.getLogger("receiver").setLevel(logging.INFO)
        app = create_app(self.settings, LoopBell(), os.environ)
        gc.collect()
        gc.freeze()  # what lives as long as the process: looked at never again
        gc.set_threshold(GARBAGE)
        return app

    def run(self) -> None:
        GentleArbiter(self).run()


def connections() -> int:
    """How many may be open: a process without a free file descriptor cannot accept, and gunicorn's dies of it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = CONNECTIONS + OTHER_FILES
    limit = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(limit, soft), hard))
    return max(limit - OTHER_FILES, 1)
