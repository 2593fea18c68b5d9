"""The variables as a process sees them: which are set, from where, and as much of each as may be shown."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..registry import Activation

# Those of the receiver itself, as settings.py reads them, with what counts where one is not set.
OWN: Mapping[str, str] = {
    "ALERT_DAILY_AT": "",
    "ALERT_EMAIL": "",
    "ALERT_SLACK_WEBHOOK_URL": "",
    "ALERT_URL": "",
    "AUDIT_DAYS": "400",
    "BUSINESS_CLOSED_ON": "",
    "BUSINESS_LANGUAGE": "en",
    "BUSINESS_NAME": "",
    "BUSINESS_TIMEZONE": "UTC",
    "DASHBOARD_PASSWORD": "",
    "DATABASE_URL": "",
    "DATA_DIR": "",
    "FORWARDED_HOPS": "0",
    "HOST": "127.0.0.1",
    "INBOUNDFLOW_ALLOW_UNSIGNED": "0",
    "INBOUNDFLOW_SIGNING_SECRET": "",
    "INBOUNDFLOW_SIGNING_SECRET_PREVIOUS": "",
    "INBOUNDFLOW_STRICT_BYTES": "0",
    "INBOUNDFLOW_TIMESTAMP_TOLERANCE_SECONDS": "300",
    "LOG_FORMAT": "text",
    "MAX_BODY_BYTES": "1048576",
    "METRICS_TOKEN": "",
    "OIDC_CLIENT_ID": "",
    "OIDC_CLIENT_SECRET": "",
    "OIDC_ISSUER": "",
    "OIDC_NAME": "",
    "PORT": "8000",
    "REDIS_URL": "",
    "RETENTION_DAYS": "0",
    "SECRET_KEY": "",
    "SECRET_KEY_PREVIOUS": "",
}
SECRET = re.compile(r"SECRET|TOKEN|PASSWORD|KEY|JSON|CREDENTIALS|SMTP_URL|WEBHOOK_URL|FORWARD_URL|ALERT_.*URL")
PERSONAL = re.compile(r"EMAIL_(TO|FROM)|ALERT_EMAIL")
ENDS_FROM = 24  # signs of a secret, before any of it is shown
ENDS = 4


@dataclass(frozen=True, kw_only=True)
class Variable:
    """`shown` is what a person may see of the value; "" where it is not set, and `default` counts."""

    name: str
    is_set: bool
    is_secret: bool
    shown: str
    default: str
    reader: str  # a handler's name; "" for the receiver itself


def variables(
    env: Mapping[str, str], activations: Sequence[Activation], names: Collection[str] = OWN.keys()
) -> list[Variable]:
    """Those of the receiver of these names, then of each destination; what is set stands first in each."""
    own = [variable(env, name, default, "") for name, default in OWN.items() if name in names]
    theirs = [
        variable(env, name, default, activation.handler.name)
        for activation in activations
        for name, default in read_by(activation).items()
        if name not in OWN
    ]
    return sorted(own, key=lambda each: (not each.is_set, each.name)) + sorted(
        theirs, key=lambda each: (not each.is_set, each.reader, each.name)
    )


def read_by(activation: Activation) -> dict[str, str]:
    handler = activation.handler
    needed: Iterable[str] = handler.needs.names() if handler.needs else ()
    filters = (f"{handler.module.upper()}_EVENTS", f"{handler.module.upper()}_URGENCY")
    return {**dict.fromkeys(needed, ""), **handler.optional, **dict.fromkeys(filters, "")}


def variable(env: Mapping[str, str], name: str, default: str, reader: str) -> Variable:
    value = env.get(name, "").strip()
    secret = bool(SECRET.search(name))
    return Variable(
        name=name,
        is_set=bool(value),
        is_secret=secret,
        shown=masked(name, value, secret=secret),
        default=default,
        reader=reader,
    )


def masked(name: str, value: str, *, secret: bool) -> str:
    if not value:
        return ""
    if PERSONAL.fullmatch(name):
        addresses = value.replace(",", " ").split()
        return ", ".join(f"{address[:1]}•••@{address.rpartition('@')[2]}" for address in addresses)
    if secret:
        return f"… {value[-ENDS:]}" if len(value) >= ENDS_FROM else "…"
    return without_credentials(value) if "://" in value else value


def without_credentials(url: str) -> str:
    """The scheme and the host; whoever has more of a database's address may open it."""
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.hostname or '…'}{f':{parts.port}' if parts.port else ''}/…"
    except ValueError:
        return "…"
