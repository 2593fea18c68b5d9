"""The environment, read once. Every variable of the receiver itself stands here; a handler declares its own."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from .errors import ConfigurationError, MissingSetting

# A platform is recognised by a variable that it sets itself.
PLATFORMS = {"DYNO": "Heroku", "RENDER": "Render", "FLY_APP_NAME": "Fly.io", "RAILWAY_ENVIRONMENT": "Railway"}
SUPERVISOR = "INBOUNDFLOW_SUPERVISOR"  # set by `receiver up` for its worker, which ends with it: its process id
PASSWORD_CHARS = 12  # at a hundred tries an hour, which is all that the dashboard allows, nobody guesses one
HASHED = "scrypt:"
HASH = re.compile(r"scrypt:[0-9]+:[0-9]+:[0-9]+\$[^$]+\$[0-9a-f]{128}")
CHECKOUT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What web, worker and the command line need to know. Secrets never appear in its repr."""

    platform: str
    host: str
    port: int
    forwarded_hops: int
    data_dir: Path
    database_url: str
    redis_url: str
    secrets: Secrets
    secret_keys: Secrets  # that secrets of sources are sealed with
    allow_unsigned: bool
    strict_bytes: bool
    tolerance_s: int
    max_body_bytes: int
    metrics_token: Secrets  # who has it may read /metrics from anywhere
    retention_days: int  # 0: deliveries are kept for good
    zone: str
    language: str
    business: str
    dashboard_password: Password
    secret_key: Password
    closed_on: frozenset[str]  # days on which no call is missed: 12-25, or 2026-12-24
    alert_daily_at: str  # "" or a time of the day at the business: 19:00
    log_format: str  # text or json

    @property
    def is_local(self) -> bool:
        return not self.platform and self.host in ("127.0.0.1", "localhost", "::1")

    @property
    def url_host(self) -> str:
        """The host as it stands in a URL: an IPv6 address in brackets."""
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def database_path(self) -> Path:
        return self.data_dir / "inbox.db"

    @property
    def secret_path(self) -> Path:
        """Where a first start on one's own machine keeps the signing secret that it made."""
        return self.data_dir / "signing_secret"

    @property
    def secret_key_path(self) -> Path:
        """Where one's own machine keeps the key that it made for sealing, without SECRET_KEY."""
        return self.data_dir / "secret_key"

    @property
    def password_path(self) -> Path:
        """Where a first start on one's own machine keeps the dashboard's password that it made."""
        return self.data_dir / "dashboard_password"

    @property
    def redis_socket(self) -> Path:
        return self.data_dir / "redis.sock"

    @property
    def workers_dir(self) -> Path:
        """Where the worker's processes leave a file each: they are known by it to be gone."""
        return self.data_dir / "workers"


@dataclass(frozen=True, repr=False)
class Secrets:
    """The signing secrets, current one first."""

    values: tuple[bytes, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.values)


@dataclass(frozen=True, repr=False)
class Password:
    """A text that nobody is to see: "" where none is set."""

    value: str = ""

    def __bool__(self) -> bool:
        return bool(self.value)

    @property
    def is_hash(self) -> bool:
        """Whether it is what `receiver password` prints."""
        return self.value.startswith(HASHED)


def read(env: Mapping[str, str]) -> Settings:
    """Settings from the environment; raises ConfigurationError naming the variable and what it should hold."""
    platform = next((name for mark, name in PLATFORMS.items() if env.get(mark)), "")
    current, previous = secret(env, "INBOUNDFLOW_SIGNING_SECRET"), secret(env, "INBOUNDFLOW_SIGNING_SECRET_PREVIOUS")
    return Settings(
        platform=platform,
        host=host(env) or ("0.0.0.0" if platform else "127.0.0.1"),
        port=number(env, "PORT", 8000, low=0, high=65535),
        forwarded_hops=number(env, "FORWARDED_HOPS", 1 if platform else 0, low=0, high=10),
        data_dir=folder(env) or default_folder(env),
        database_url=text(env, "DATABASE_URL"),
        redis_url=text(env, "REDIS_URL"),
        secrets=Secrets(tuple(filter(None, (current, previous)))),
        secret_keys=Secrets(tuple(filter(None, (secret(env, "SECRET_KEY"), secret(env, "SECRET_KEY_PREVIOUS"))))),
        allow_unsigned=switch(env, "INBOUNDFLOW_ALLOW_UNSIGNED"),
        strict_bytes=switch(env, "INBOUNDFLOW_STRICT_BYTES"),
        tolerance_s=number(env, "INBOUNDFLOW_TIMESTAMP_TOLERANCE_SECONDS", 300, low=1, high=86_400 * 7),
        max_body_bytes=number(env, "MAX_BODY_BYTES", 1024 * 1024, low=1024, high=64 * 1024 * 1024),
        metrics_token=Secrets(tuple(filter(None, (secret(env, "METRICS_TOKEN"),)))),
        retention_days=number(env, "RETENTION_DAYS", 0, low=0, high=36_500),
        zone=text(env, "BUSINESS_TIMEZONE") or "UTC",
        language=text(env, "BUSINESS_LANGUAGE") or "en",
        business=text(env, "BUSINESS_NAME"),
        dashboard_password=Password(text(env, "DASHBOARD_PASSWORD")),
        secret_key=Password(text(env, "SECRET_KEY")),
        closed_on=days(env, "BUSINESS_CLOSED_ON"),
        alert_daily_at=time_of_day(env, "ALERT_DAILY_AT"),
        log_format=choice(env, "LOG_FORMAT", ("text", "json")),
    )


def check_for_web(settings: Settings) -> None:
    """Raise where the web process must not start: who signs is unknown, or the inbox would not last."""
    if settings.secrets and settings.allow_unsigned:
        raise ConfigurationError(
            "INBOUNDFLOW_SIGNING_SECRET and INBOUNDFLOW_ALLOW_UNSIGNED are both set. "
            "Remove INBOUNDFLOW_ALLOW_UNSIGNED: with a secret every delivery must be signed."
        )
    if not settings.secrets and not settings.allow_unsigned and not may_have_sources(settings):
        raise MissingSetting(missing_secret(settings))
    check_database(settings)
    check_password(settings.dashboard_password)


def check_password(password: Password) -> None:
    """Raise where the dashboard's would be guessed, or is half of a hash."""
    if password.is_hash and not HASH.fullmatch(password.value):
        raise ConfigurationError(
            "DASHBOARD_PASSWORD begins as a hash of `receiver password` does, and is none: copy all of its line, and "
            "put it in single quotes where a shell reads it, as it holds $ signs."
        )
    if password and not password.is_hash and len(password.value) < PASSWORD_CHARS:
        raise ConfigurationError(
            f"DASHBOARD_PASSWORD should have {PASSWORD_CHARS} characters or more: four words in a row are easy to keep."
        )


def missing_secret(settings: Settings) -> str:
    return (
        "INBOUNDFLOW_SIGNING_SECRET is not set. It holds the signing secret of your webhook: in InboundFlow "
        "open Configuración → Integraciones → your webhook, copy the secret, and set it here"
        + (f" (in {settings.platform}'s settings for this service)." if settings.platform else ".")
    )


def may_have_sources(settings: Settings) -> bool:
    """Whether there is a key for the secrets of sources: then the database says whether there are any."""
    return bool(settings.secret_keys) or settings.secret_key_path.exists()


def check_database(settings: Settings) -> None:
    """Raise where the inbox would vanish, or DATABASE_URL names what is no Postgres."""
    if settings.database_url and not settings.database_url.startswith(("postgres://", "postgresql://")):
        raise ConfigurationError(
            "DATABASE_URL should be the address of a Postgres: postgres://user:password@host:5432/database. "
            "Without it the inbox is a SQLite file in DATA_DIR."
        )
    if settings.platform == "Heroku" and not settings.database_url:
        raise ConfigurationError(
            "DATABASE_URL is not set. A Heroku dyno's disk is wiped at least once a day, and an inbox on it too: "
            "add a Postgres (heroku addons:create heroku-postgresql:essential-0), which sets DATABASE_URL by itself."
        )


def text(env: Mapping[str, str], name: str) -> str:
    """A variable without the spaces and line ends that copying leaves around it; blank is unset.

    It is UTF-8, whatever the locale in which the environment was read. Raises ConfigurationError where it is not.
    """
    value = env.get(name, "")
    if name == "DATA_DIR":  # a path may be any bytes
        return value.strip()
    with contextlib.suppress(UnicodeError):
        value = os.fsencode(value).decode()
    if any("\ud800" <= sign <= "\udfff" for sign in value):  # as Python keeps bytes of no text
        raise ConfigurationError(
            f"{name} holds signs that are not UTF-8. A file in another encoding (Latin-1, Windows) sets it, perhaps: "
            "save that as UTF-8."
        )
    return value.strip()


def secret(env: Mapping[str, str], name: str) -> bytes:
    return text(env, name).encode()


def host(env: Mapping[str, str]) -> str:
    """Of an IPv6 address without the brackets that it has in a URL."""
    name = text(env, "HOST")
    return name[1:-1] if name.startswith("[") and name.endswith("]") else name


def folder(env: Mapping[str, str]) -> Path | None:
    """DATA_DIR; a shell leaves a ~ as it is where a file of variables is read, or in quotes."""
    path = text(env, "DATA_DIR")
    try:
        return Path(path).expanduser().absolute() if path else None
    except RuntimeError as error:
        raise ConfigurationError("DATA_DIR begins with ~, and there is no such home: write the whole path.") from error


def default_folder(env: Mapping[str, str], root: Path = CHECKOUT) -> Path:
    """`var` in a checkout. What is installed lies where an upgrade deletes everything, so the home has it then."""
    if is_checkout(root):
        return root / "var"
    share = Path(env.get("XDG_DATA_HOME", ""))
    try:
        return (share if share.is_absolute() else Path("~/.local/share").expanduser()) / "inboundflow-receiver"
    except RuntimeError as error:
        raise ConfigurationError("DATA_DIR is not set, and there is no home: set it to a folder that lasts.") from error


def is_checkout(root: Path = CHECKOUT) -> bool:
    """Whether the receiver runs from a checkout of the project, and not from where it was installed."""
    return (root / "pyproject.toml").exists()


def number(env: Mapping[str, str], name: str, default: int, *, low: int, high: int) -> int:
    value = text(env, name)
    if not value:
        return default
    if not (value.isascii() and value.isdigit() and low <= int(value) <= high):
        raise ConfigurationError(f"{name} should be a whole number from {low} to {high}.")
    return int(value)


def choice(env: Mapping[str, str], name: str, values: Sequence[str]) -> str:
    """One of these; the first where it is not set."""
    value = text(env, name).lower() or values[0]
    if value not in values:
        raise ConfigurationError(f"{name} should be {' or '.join(values)}.")
    return value


def switch(env: Mapping[str, str], name: str) -> bool:
    value = text(env, name).lower()
    if value not in ("", "0", "1", "true", "false", "yes", "no"):
        raise ConfigurationError(f"{name} should be 1 or 0.")
    return value in ("1", "true", "yes")


def days(env: Mapping[str, str], name: str) -> frozenset[str]:
    """Days of each year (12-25) or of one (2026-12-24). Raises ConfigurationError for anything else."""
    values = text(env, name).replace(",", " ").split()
    if not all(map(is_day, values)):
        raise ConfigurationError(f"{name} should name days such as 12-25 (each year) or 2026-12-24.")
    return frozenset(values)


def is_day(value: str) -> bool:
    if not re.fullmatch("([0-9]{4}-)?[0-9]{2}-[0-9]{2}", value):
        return False
    with contextlib.suppress(ValueError):
        return bool(date.fromisoformat(value if len(value) == 10 else f"2024-{value}"))  # a leap year
    return False


def time_of_day(env: Mapping[str, str], name: str) -> str:
    value = text(env, name)
    if value and not re.fullmatch(r"([01]?[0-9]|2[0-3]):[0-5][0-9]", value, re.ASCII):
        raise ConfigurationError(f"{name} should be a time of the day at the business, such as 19:00.")
    return value
