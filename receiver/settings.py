"""The environment, read once. Every variable of the receiver itself stands here; a handler declares its own."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from .errors import ConfigurationError, MissingSetting
from .locales import Locale, Text, Texts, language_of, localized, zone_of

# A platform is recognised by a variable that it sets itself.
PLATFORMS = {"DYNO": "Heroku", "RENDER": "Render", "FLY_APP_NAME": "Fly.io", "RAILWAY_ENVIRONMENT": "Railway"}
SUPERVISOR = "INBOUNDFLOW_SUPERVISOR"  # set by `receiver up` for its worker, which ends with it: its process id
AUDIT_DAYS = 400  # more than a year: somebody may ask who did what last summer
PASSWORD_CHARS = 12  # at a hundred tries an hour, which is all that the dashboard allows, nobody guesses one
HASHED = "scrypt:"
HASH = re.compile(r"scrypt:[0-9]+:[0-9]+:[0-9]+\$[^$]+\$[0-9a-f]{128}")
CHECKOUT = Path(__file__).resolve().parent.parent
OIDC = ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")  # all three, or there is no single sign-on
TERMINAL = ("LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set is the terminal's language
BUSINESS = {"BUSINESS_TIMEZONE": "UTC", "BUSINESS_LANGUAGE": "en"}  # what counts where it is not set, or cannot be used
# fmt: off
TEXTS = Texts({
    "language": ("BUSINESS_LANGUAGE should be en or es: until then people read English",
                 "BUSINESS_LANGUAGE debe ser en o es: hasta entonces los textos salen en inglés"),
    "zone":     ("BUSINESS_TIMEZONE should be a zone's name, such as Europe/Madrid or America/Chicago: until then "
                 "times are in UTC",
                 "BUSINESS_TIMEZONE debe ser el nombre de una zona, como Europe/Madrid o America/Mexico_City: hasta "
                 "entonces las horas son UTC"),
    "no_secret": ("INBOUNDFLOW_SIGNING_SECRET is not set. It holds the signing secret of your webhook: in "
                  "InboundFlow open Configuración → Integraciones → your webhook, copy the secret, and set it "
                  "here{where}.",
                  "INBOUNDFLOW_SIGNING_SECRET no está definida. Es el secreto de firma de tu webhook: en InboundFlow "
                  "abre Configuración → Integraciones → tu webhook, copia el secreto de firma y defínelo aquí{where}."),
    "where":    (" (in {platform}'s settings for this service)", " (en los ajustes de {platform} para este servicio)"),
    "both":     ("INBOUNDFLOW_SIGNING_SECRET and INBOUNDFLOW_ALLOW_UNSIGNED are both set. Remove "
                 "INBOUNDFLOW_ALLOW_UNSIGNED: with a secret every delivery must be signed.",
                 "INBOUNDFLOW_SIGNING_SECRET e INBOUNDFLOW_ALLOW_UNSIGNED están definidas a la vez. Quita "
                 "INBOUNDFLOW_ALLOW_UNSIGNED: con un secreto, toda entrega debe ir firmada."),
    "no_postgres": ("DATABASE_URL should be the address of a Postgres: postgres://user:password@host:5432/database. "
                    "Without it the inbox is a SQLite file in DATA_DIR.",
                    "DATABASE_URL debe ser la dirección de un Postgres: postgres://usuario:contraseña@host:5432/base. "
                    "Sin ella, la bandeja de entrada es un archivo SQLite en DATA_DIR."),
    "heroku":   ("DATABASE_URL is not set. A Heroku dyno's disk is wiped at least once a day, and an inbox on it too: "
                 "add a Postgres (heroku addons:create heroku-postgresql:essential-0), which sets DATABASE_URL by "
                 "itself.",
                 "DATABASE_URL no está definida. El disco de un dyno de Heroku se borra al menos una vez al día, y con "
                 "él la bandeja de entrada: agrega un Postgres (heroku addons:create heroku-postgresql:essential-0), "
                 "que define DATABASE_URL por sí mismo."),
    "encoding": ("{name} holds signs that are not UTF-8. A file in another encoding (Latin-1, Windows) sets it, "
                 "perhaps: save that as UTF-8.",
                 "{name} contiene signos que no son UTF-8. Quizá la define un archivo en otra codificación (Latin-1, "
                 "Windows): guárdalo como UTF-8."),
    "home":     ("DATA_DIR begins with ~, and there is no such home: write the whole path.",
                 "DATA_DIR empieza por ~, y no existe esa carpeta personal: escribe la ruta completa."),
    "number":   ("{name} should be a whole number from {low} to {high}.",
                 "{name} debe ser un número entero de {low} a {high}."),
    "switch":   ("{name} should be 1 or 0.", "{name} debe ser 1 o 0."),
    "oidc":     ("{missing} is missing for single sign-on: until then only passwords open the dashboard",
                 "falta {missing} para el inicio de sesión único: hasta entonces el panel solo se abre con contraseña"),
    "issuer":   ("OIDC_ISSUER should be the https address of the provider, such as https://accounts.google.com: until "
                 "then only passwords open the dashboard",
                 "OIDC_ISSUER debe ser la dirección https del proveedor, como https://accounts.google.com: hasta "
                 "entonces el panel solo se abre con contraseña"),
    "similar":  ("BUSINESS_TIMEZONE is no zone's name (is {zone} meant?): until then times are in UTC",
                 "BUSINESS_TIMEZONE no es el nombre de una zona (¿quizá {zone}?): hasta entonces las horas son UTC"),
})
# fmt: on


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
    audit_days: int  # what people did is kept for so long, whatever else goes
    zone: str
    language: str
    business: str
    dashboard_password: Password
    single_sign_on: SingleSignOn | None  # to the dashboard, beside passwords
    secret_key: Password
    closed_on: frozenset[str]  # days on which no call is missed: 12-25, or 2026-12-24
    alert_daily_at: str  # "" or a time of the day at the business: 19:00
    log_format: str  # text or json

    @property
    def locale(self) -> Locale:
        """How the people at the business read."""
        return Locale(language=self.language, zone=zone_of(self.zone) or UTC)

    @property
    def is_local(self) -> bool:
        return not self.platform and self.host in ("127.0.0.1", "localhost", "::1")

    @property
    def has_business(self) -> bool:
        """Whether deliveries are received for a business that the environment describes, at the plain address."""
        return bool(self.secrets) or self.allow_unsigned

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


@dataclass(frozen=True, kw_only=True)
class SingleSignOn:
    """An OpenID Connect provider at which people sign in, and what this receiver is to it."""

    issuer: str
    client_id: str
    client_secret: Password
    name: str  # as it stands on the button


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
        audit_days=number(env, "AUDIT_DAYS", AUDIT_DAYS, low=0, high=36_500),
        zone=business(env, "BUSINESS_TIMEZONE"),
        language=business(env, "BUSINESS_LANGUAGE"),
        business=text(env, "BUSINESS_NAME"),
        dashboard_password=Password(text(env, "DASHBOARD_PASSWORD")),
        single_sign_on=single_sign_on(env),
        secret_key=Password(text(env, "SECRET_KEY")),
        closed_on=days(env, "BUSINESS_CLOSED_ON"),
        alert_daily_at=time_of_day(env, "ALERT_DAILY_AT"),
        log_format=choice(env, "LOG_FORMAT", ("text", "json")),
    )


def check_for_web(settings: Settings) -> None:
    """Raise where the web process must not start: who signs is unknown, or the inbox would not last."""
    if settings.secrets and settings.allow_unsigned:
        raise ConfigurationError(TEXTS("both"))
    if not settings.has_business and not may_have_sources(settings):
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


def missing_secret(settings: Settings) -> Text:
    where = TEXTS("where", platform=settings.platform) if settings.platform else ""
    return TEXTS("no_secret", where=where)


def may_have_sources(settings: Settings) -> bool:
    """Whether there is a key for the secrets of sources: then the database says whether there are any."""
    return bool(settings.secret_keys) or settings.secret_key_path.exists()


def check_database(settings: Settings) -> None:
    """Raise where the inbox would vanish, or DATABASE_URL names what is no Postgres."""
    if settings.database_url and not settings.database_url.startswith(("postgres://", "postgresql://")):
        raise ConfigurationError(TEXTS("no_postgres"))
    if settings.platform == "Heroku" and not settings.database_url:
        raise ConfigurationError(TEXTS("heroku"))


def business(env: Mapping[str, str], name: str) -> str:
    """One of BUSINESS. A typing error in it stops nothing: the default counts, and `unusable` names it."""
    value = env.get(name, "").strip()
    usable = language_of(value) if name == "BUSINESS_LANGUAGE" else value if zone_of(value) else ""
    return usable or BUSINESS[name]


def locale_of(env: Mapping[str, str]) -> Locale:
    """How the people at the business read, whatever else cannot be read of the environment."""
    zone = zone_of(business(env, "BUSINESS_TIMEZONE"))
    return Locale(language=business(env, "BUSINESS_LANGUAGE"), zone=zone or UTC)


def locale_at_terminal(env: Mapping[str, str]) -> Locale:
    """How whoever types a command reads: as the business does where its language is set, else as their terminal says.

    Times are by the business's clock. For what is said to this person alone: logs, JSON and destinations have the
    business's language.
    """
    at_business = locale_of(env)
    if env.get("BUSINESS_LANGUAGE", "").strip():
        return at_business
    name = next((env[name] for name in TERMINAL if env.get(name)), "")
    return replace(at_business, language=language_of(name) or at_business.language)


def for_business(text: str) -> str:
    """As the people at the business read it: in the log, and in answers that InboundFlow shows them."""
    return localized(text, locale_of(os.environ))


def single_sign_on(env: Mapping[str, str]) -> SingleSignOn | None:
    """None where it is off, or cannot be used: `unusable` says why."""
    issuer, client_id = text(env, "OIDC_ISSUER"), text(env, "OIDC_CLIENT_ID")
    client_secret = text(env, "OIDC_CLIENT_SECRET")
    if not (client_id and client_secret and is_issuer(issuer)):
        return None
    issuer = issuer.removesuffix("/.well-known/openid-configuration").rstrip("/")
    name = text(env, "OIDC_NAME") or urlsplit(issuer).netloc
    return SingleSignOn(issuer=issuer, client_id=client_id, client_secret=Password(client_secret), name=name)


def is_issuer(url: str) -> bool:
    return is_private(url) and not {"?", "#"} & set(url)


def is_private(url: str) -> bool:
    """Whether nobody reads on its way what is sent there: by https, or on this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        is_address = parts.port != 0 and "@" not in parts.netloc and url.isprintable() and " " not in url
    except ValueError:
        return False
    return bool(host) and is_address and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))


def is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name.lower() == "localhost"


def unusable(env: Mapping[str, str]) -> Iterator[Text]:
    """A sentence for each of BUSINESS, and for single sign-on, that is set and cannot be used."""
    language, zone = (env.get(name, "").strip() for name in ("BUSINESS_LANGUAGE", "BUSINESS_TIMEZONE"))
    if language and not language_of(language):
        yield TEXTS("language")
    if zone and not zone_of(zone):
        similar = similar_zone(zone)
        yield TEXTS("similar", zone=similar) if similar else TEXTS("zone")
    missing = [name for name in OIDC if not env.get(name, "").strip()]
    if missing and len(missing) < len(OIDC):
        yield TEXTS("oidc", missing=", ".join(missing))
    elif not missing and not is_issuer(env["OIDC_ISSUER"].strip()):
        yield TEXTS("issuer")


def similar_zone(name: str) -> str:
    """The zone whose name, or whose city, is most like this; "" where none is."""
    cities = {zone.rpartition("/")[2].lower(): zone for zone in sorted(available_timezones())}
    names = cities | {zone.lower(): zone for zone in available_timezones()}
    close = get_close_matches(name.lower().replace(" ", "_"), names, 1, 0.8)
    return names[close[0]] if close else ""


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
        raise ConfigurationError(TEXTS("encoding", name=name))
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
        raise ConfigurationError(TEXTS("home")) from error


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
        raise ConfigurationError(TEXTS("number", name=name, low=str(low), high=str(high)))
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
        raise ConfigurationError(TEXTS("switch", name=name))
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
