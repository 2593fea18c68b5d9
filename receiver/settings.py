"""The environment, read once. Every variable of the receiver itself stands here; a handler declares its own."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from difflib import get_close_matches
from pathlib import Path
from zoneinfo import available_timezones

from .errors import ConfigurationError, MissingSetting
from .locales import Locale, Text, Texts, language_of, localized, zone_of

# A platform is recognised by a variable that it sets itself.
PLATFORMS = {"DYNO": "Heroku", "RENDER": "Render", "FLY_APP_NAME": "Fly.io", "RAILWAY_ENVIRONMENT": "Railway"}
SUPERVISOR = "INBOUNDFLOW_SUPERVISOR"  # set by `receiver up` for its worker, which ends with it: its process id
CHECKOUT = Path(__file__).resolve().parent.parent
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
    allow_unsigned: bool
    strict_bytes: bool
    tolerance_s: int
    max_body_bytes: int
    retention_days: int  # 0: deliveries are kept for good
    zone: str
    language: str

    @property
    def locale(self) -> Locale:
        """How the people at the business read."""
        return Locale(language=self.language, zone=zone_of(self.zone) or UTC)

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
        zone=business(env, "BUSINESS_TIMEZONE"),
        language=business(env, "BUSINESS_LANGUAGE"),
    )


def check_for_web(settings: Settings) -> None:
    """Raise where the web process must not start: who signs is unknown, or the inbox would not last."""
    if settings.secrets and settings.allow_unsigned:
        raise ConfigurationError(TEXTS("both"))
    if not settings.secrets and not settings.allow_unsigned:
        where = TEXTS("where", platform=settings.platform) if settings.platform else ""
        raise MissingSetting(TEXTS("no_secret", where=where))
    check_database(settings)


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


def for_business(text: str) -> str:
    """As the people at the business read it: in the log, and in answers that InboundFlow shows them."""
    return localized(text, locale_of(os.environ))


def unusable(env: Mapping[str, str]) -> Iterator[Text]:
    """A sentence for each of BUSINESS that is set and cannot be used."""
    language, zone = (env.get(name, "").strip() for name in ("BUSINESS_LANGUAGE", "BUSINESS_TIMEZONE"))
    if language and not language_of(language):
        yield TEXTS("language")
    if zone and not zone_of(zone):
        similar = similar_zone(zone)
        yield TEXTS("similar", zone=similar) if similar else TEXTS("zone")


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


def number(env: Mapping[str, str], name: str, default: int, *, low: int, high: int) -> int:
    value = text(env, name)
    if not value:
        return default
    if not (value.isascii() and value.isdigit() and low <= int(value) <= high):
        raise ConfigurationError(TEXTS("number", name=name, low=str(low), high=str(high)))
    return int(value)


def switch(env: Mapping[str, str], name: str) -> bool:
    value = text(env, name).lower()
    if value not in ("", "0", "1", "true", "false", "yes", "no"):
        raise ConfigurationError(TEXTS("switch", name=name))
    return value in ("1", "true", "yes")
