"""The environment, read once. Every variable of the receiver itself stands here; a handler declares its own."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .errors import ConfigurationError, MissingSetting

# A platform is recognised by a variable that it sets itself.
PLATFORMS = {"DYNO": "Heroku", "RENDER": "Render", "FLY_APP_NAME": "Fly.io", "RAILWAY_ENVIRONMENT": "Railway"}
SUPERVISOR = "INBOUNDFLOW_SUPERVISOR"  # set by `receiver up` for its worker, which ends with it: its process id
AUDIT_DAYS = 400  # more than a year: somebody may ask who did what last summer
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
    allow_unsigned: bool
    strict_bytes: bool
    tolerance_s: int
    max_body_bytes: int
    retention_days: int  # 0: deliveries are kept for good
    audit_days: int  # what people did is kept for so long, whatever else goes
    zone: str
    language: str
    business: str
    dashboard_password: Password
    secret_key: Password

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
        data_dir=folder(env) or CHECKOUT / "var",
        database_url=text(env, "DATABASE_URL"),
        redis_url=text(env, "REDIS_URL"),
        secrets=Secrets(tuple(filter(None, (current, previous)))),
        allow_unsigned=switch(env, "INBOUNDFLOW_ALLOW_UNSIGNED"),
        strict_bytes=switch(env, "INBOUNDFLOW_STRICT_BYTES"),
        tolerance_s=number(env, "INBOUNDFLOW_TIMESTAMP_TOLERANCE_SECONDS", 300, low=1, high=86_400 * 7),
        max_body_bytes=number(env, "MAX_BODY_BYTES", 1024 * 1024, low=1024, high=64 * 1024 * 1024),
        retention_days=number(env, "RETENTION_DAYS", 0, low=0, high=36_500),
        audit_days=number(env, "AUDIT_DAYS", AUDIT_DAYS, low=0, high=36_500),
        zone=text(env, "BUSINESS_TIMEZONE") or "UTC",
        language=text(env, "BUSINESS_LANGUAGE") or "en",
        business=text(env, "BUSINESS_NAME"),
        dashboard_password=Password(text(env, "DASHBOARD_PASSWORD")),
        secret_key=Password(text(env, "SECRET_KEY")),
    )


def check_for_web(settings: Settings) -> None:
    """Raise where the web process must not start: who signs is unknown, or the inbox would not last."""
    if settings.secrets and settings.allow_unsigned:
        raise ConfigurationError(
            "INBOUNDFLOW_SIGNING_SECRET and INBOUNDFLOW_ALLOW_UNSIGNED are both set. "
            "Remove INBOUNDFLOW_ALLOW_UNSIGNED: with a secret every delivery must be signed."
        )
    if not settings.secrets and not settings.allow_unsigned:
        raise MissingSetting(
            "INBOUNDFLOW_SIGNING_SECRET is not set. It holds the signing secret of your webhook: in InboundFlow "
            "open Configuración → Integraciones → your webhook, copy the secret, and set it here"
            + (f" (in {settings.platform}'s settings for this service)." if settings.platform else ".")
        )
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


def number(env: Mapping[str, str], name: str, default: int, *, low: int, high: int) -> int:
    value = text(env, name)
    if not value:
        return default
    if not (value.isascii() and value.isdigit() and low <= int(value) <= high):
        raise ConfigurationError(f"{name} should be a whole number from {low} to {high}.")
    return int(value)


def switch(env: Mapping[str, str], name: str) -> bool:
    value = text(env, name).lower()
    if value not in ("", "0", "1", "true", "false", "yes", "no"):
        raise ConfigurationError(f"{name} should be 1 or 0.")
    return value in ("1", "true", "yes")
