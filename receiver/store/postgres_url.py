"""What DATABASE_URL says of a Postgres, and what is meant where it says nothing."""

from __future__ import annotations

import re
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from ..errors import ConfigurationError

# What the URL does not say itself. A server that is gone is noticed within seconds, so that a request still gets
# its 503 inside the sender's 10 s.
DEFAULTS = {
    "connect_timeout": 3,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,  # milliseconds
    "application_name": "inboundflow-receiver",
}
ENCODING = {"client_encoding": "utf8"}
UNKNOWN_PARAMETER = re.compile(r'invalid URI query parameter: "(\w+)"')
CHOICES = {
    "sslmode": ("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
    "target_session_attrs": ("any", "read-write", "read-only", "primary", "standby", "prefer-standby"),
    "channel_binding": ("disable", "prefer", "require"),
    "gssencmode": ("disable", "prefer", "require"),
}


def conninfo_of(url: str) -> dict[str, Any]:
    """What a connection is opened with. Raises ConfigurationError, which holds nothing of the password."""
    return with_defaults(read_url(url))


def read_url(url: str) -> dict[str, Any]:
    """The parts of an address. Raises ConfigurationError, which holds nothing of the password."""
    try:
        conninfo = conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        if unknown := UNKNOWN_PARAMETER.search(str(error)):
            raise ConfigurationError(
                f"DATABASE_URL has the parameter {unknown[1]}, which Postgres's own library does not know (another "
                "program's may): remove it."
            ) from None
        raise ConfigurationError(
            "DATABASE_URL cannot be read. It should look like postgres://user:password@host:5432/database; "
            "signs such as @ or / in the password are written as %40 and %2F."
        ) from None
    for name, choices in CHOICES.items():
        if conninfo.get(name, choices[0]) not in choices:
            raise ConfigurationError(
                f"DATABASE_URL has a {name} that Postgres's own library does not know. It may be: {', '.join(choices)}."
            )
    return conninfo


def with_defaults(conninfo: dict[str, Any]) -> dict[str, Any]:
    """Of several hosts the one that can be written to, as they change places; text whatever the environment says."""
    hosts = f"{conninfo.get('host', '')}{conninfo.get('hostaddr', '')}"
    return DEFAULTS | ({"target_session_attrs": "read-write"} if "," in hosts else {}) | conninfo | ENCODING
