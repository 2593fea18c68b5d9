"""A listening socket: where it is made, and its end.

The end of one that nobody takes over: who connects is answered, and who comes later is not let in.

A connection that is made and never accepted is reset when the socket closes, and the sender takes that for a failure.
One that is not made is tried again by the sender's system after a second, and by then reaches the next server on this
port, or is refused. Nothing in here needs a privilege. Elsewhere than on Linux nothing happens: there a connection
that is made in the last moment may be reset.
"""

from __future__ import annotations

import contextlib
import errno
import socket
import struct
import sys
import time
from typing import Any

from ..errors import ConfigurationError
from ..locales import Text, Texts
from ..settings import Settings

# fmt: off
TEXTS = Texts({
    "cannot": ("Cannot listen on {where} ({error}). {advice}", "No se puede escuchar en {where} ({error}). {advice}"),
    "host":   ("HOST should be an address of this machine: 127.0.0.1 for itself alone, 0.0.0.0 or :: for all.",
               "HOST debe ser una dirección de este equipo: 127.0.0.1 solo para él mismo, 0.0.0.0 o :: para todos."),
    "root":   ("Choose a port from 1024 on, such as PORT=8000: those below are for root.",
               "Elige un puerto a partir de 1024, como PORT=8000: los menores son para root."),
    "taken":  ("Choose another port, for example PORT={next}, or stop what uses this one.",
               "Elige otro puerto, por ejemplo PORT={next}, o detén lo que usa este."),
})
# fmt: on
LENGTHS = struct.Struct("II")  # of a listening socket, in tcp_info: how many wait to be accepted, and how many may
LENGTHS_AT = 24
CAN_NARROW = sys.platform == "linux"
LOOK_EVERY_S = 0.2
PLUG_S = 0.05  # on this machine a connection takes a fraction of a millisecond, or is not let in


def bind(settings: Settings, *, within_s: float = 0) -> socket.socket:
    """A socket at HOST and PORT, which does not listen yet. Raises ConfigurationError where it cannot be there.

    Where somebody else has the port, as whoever was there before may be about to end, it tries for so many seconds.
    """
    deadline = time.monotonic() + within_s
    while True:
        try:
            return bind_once(settings)
        except ConfigurationError as error:
            if not is_in_use(error) or time.monotonic() > deadline:
                raise
        time.sleep(LOOK_EVERY_S)


def bind_once(settings: Settings) -> socket.socket:
    where = f"{settings.url_host}:{settings.port}"
    try:
        family, address = resolve(settings)
        listener = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise cannot(where, error, TEXTS("host")) from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise cannot(where, error, advice(error, settings)) from error
    return listener


def cannot(where: str, error: OSError, what_to_do: Text) -> ConfigurationError:
    return ConfigurationError(TEXTS("cannot", where=where, error=str(error.strerror), advice=what_to_do))


def is_in_use(error: ConfigurationError) -> bool:
    return isinstance(error.__cause__, OSError) and error.__cause__.errno == errno.EADDRINUSE


def resolve(settings: Settings) -> tuple[int, Any]:
    """The family and address of HOST and PORT: of a name that has both the IPv4 one, as `localhost` always was."""
    rows = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, _, _, _, address = min(rows, key=lambda row: row[0] != socket.AF_INET)
    return family, address


def advice(error: OSError, settings: Settings) -> Text:
    if error.errno == errno.EADDRNOTAVAIL:
        return TEXTS("host")
    if error.errno == errno.EACCES:
        return TEXTS("root")
    return TEXTS("taken", next=str(settings.port + 1))


def narrow(listener: socket.socket) -> None:
    """From now on no more than one connection waits to be accepted, as the socket will be closed."""
    if CAN_NARROW:
        listener.listen(0)


def is_narrow(listener: socket.socket) -> bool:
    if not CAN_NARROW:
        return False
    with contextlib.suppress(OSError):  # a unix socket
        _, most = LENGTHS.unpack_from(listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104), LENGTHS_AT)
        return bool(most == 0)
    return False


def plug(listener: socket.socket) -> bool:
    """Take the only place in a narrow queue, so that nobody comes in; False where somebody has it already."""
    with socket.socket(listener.family) as ours, contextlib.suppress(OSError):
        ours.settimeout(PLUG_S)
        ours.connect(listener.getsockname())
        return True
    return False
