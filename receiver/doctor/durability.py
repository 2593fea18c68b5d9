"""Whether the database's own settings let a 200 mean that the delivery is on the disk."""

from __future__ import annotations

from ..locales import Texts
from ..operations import Finding, advice, fine, problem
from ..store import Database, Transaction

FULL = 2  # SQLite's number for synchronous = FULL; EXTRA is 3
SPARE_CONNECTIONS = 5  # of a Postgres: a deploy starts new processes before the old ones end
# fmt: off
TEXTS = Texts({
    "lost":       ("after a crash or a power cut a delivery that was acknowledged may be gone",
                   "tras una caída o un corte de luz puede faltar una entrega que ya se confirmó"),
    "journal":    ("SQLite's journal is {mode} rather than WAL", "el diario de SQLite es {mode} y no WAL"),
    "journal_why": ("reading holds up receiving; a network drive cannot do WAL, and damages the file at worst",
                    "leer frena la recepción; un disco de red no puede con WAL y, en el peor caso, daña el archivo"),
    "journal_do": ("put DATA_DIR on a disk of this machine", "pon DATA_DIR en un disco de este equipo"),
    "no_wait":    ("SQLite does not wait for the disk", "SQLite no espera al disco"),
    "no_wait_do": ("set PRAGMA synchronous = FULL", "define PRAGMA synchronous = FULL"),
    "sqlite":     ("each write is on the disk before it is acknowledged (WAL, FULL)",
                   "cada escritura está en el disco antes de confirmarse (WAL, FULL)"),
    "encoding":   ("its encoding is {encoding}, which cannot hold every text",
                   "su codificación es {encoding}, y no admite cualquier texto"),
    "encoding_why": ("no receiver starts on it", "ningún receptor arranca con ella"),
    "encoding_do": ("make another one (CREATE DATABASE name ENCODING 'UTF8' TEMPLATE template0), and set DATABASE_URL "
                    "to it",
                    "crea otra (CREATE DATABASE nombre ENCODING 'UTF8' TEMPLATE template0) y define DATABASE_URL con "
                    "ella"),
    "commit":     ("Postgres's synchronous_commit is {commit}", "synchronous_commit de Postgres es {commit}"),
    "commit_do":  ("remove the pooler or the setting that changes it: it should be on",
                   "quita el pooler o el ajuste que lo cambia: debe ser on"),
    "off":        ("Postgres's {name} is off", "{name} de Postgres está en off"),
    "off_why":    ("{lost}, unless its storage sees to that by itself, as some hosts' does",
                   "{lost}, salvo que el almacenamiento se ocupe de ello, como el de algunos proveedores"),
    "off_do":     ("on a server of your own: ALTER SYSTEM SET {name} = on, and reload it",
                   "en un servidor tuyo: ALTER SYSTEM SET {name} = on, y recárgalo"),
    "postgres":   ("each write is on the disk before it is acknowledged (synchronous_commit on)",
                   "cada escritura está en el disco antes de confirmarse (synchronous_commit on)"),
    "taken":      ("{used} of {limit} connections are taken", "{used} de {limit} conexiones están ocupadas"),
    "taken_why":  ("a process that starts now may get none",
                   "un proceso que arranque ahora puede quedarse sin ninguna"),
    "taken_do":   ("end what else is connected, or take a larger plan",
                   "cierra lo demás que esté conectado, o contrata un plan mayor"),
})
# fmt: on
LOST = TEXTS("lost")
SETTINGS = "SELECT current_setting('{0}') AS {0}"
# Of the server what is not kept for its superusers, and of this role what it is allowed (-1: all).
CONNECTIONS = """
SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS server_limit,
    (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS used,
    (SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user) AS role_limit,
    (SELECT count(*) FROM pg_stat_activity WHERE usename = current_user) AS role_used
"""


def in_sqlite(tx: Transaction) -> list[Finding]:
    """As the receiver opens the file: asked on the connection that writes."""
    findings = []
    if (mode := tx.execute("PRAGMA journal_mode").fetchone()["journal_mode"]) != "wal":
        findings.append(
            problem(
                "database",
                TEXTS("journal", mode=mode),
                why=TEXTS("journal_why"),
                do=TEXTS("journal_do"),
            )
        )
    if tx.execute("PRAGMA synchronous").fetchone()["synchronous"] < FULL:
        findings.append(problem("database", TEXTS("no_wait"), why=LOST, do=TEXTS("no_wait_do")))
    return findings or [fine("database", TEXTS("sqlite"))]


def check_encoding(tx: Transaction) -> list[Finding]:
    encoding = tx.execute(SETTINGS.format("server_encoding")).fetchone()["server_encoding"]
    if encoding == "UTF8":
        return []
    return [
        problem(
            "database",
            TEXTS("encoding", encoding=encoding),
            why=TEXTS("encoding_why"),
            do=TEXTS("encoding_do"),
        )
    ]


def in_postgres(tx: Transaction) -> list[Finding]:
    """As the receiver begins its transactions, whatever the role's own settings."""
    commit, fsync, pages = (
        tx.execute(SETTINGS.format(name)).fetchone()[name]
        for name in ("synchronous_commit", "fsync", "full_page_writes")
    )
    findings = []
    if commit in ("off", "local"):
        findings.append(
            problem(
                "database",
                TEXTS("commit", commit=commit),
                why=LOST,
                do=TEXTS("commit_do"),
            )
        )
    if "off" in (fsync, pages):
        name = "fsync" if fsync == "off" else "full_page_writes"
        findings.append(
            advice(
                "database",
                TEXTS("off", name=name),
                why=TEXTS("off_why", lost=LOST),
                do=TEXTS("off_do", name=name),
            )
        )
    return findings or [fine("database", TEXTS("postgres"))]


def check_connections(db: Database) -> list[Finding]:
    [row] = db.read(CONNECTIONS)
    usage = [(row["used"], row["server_limit"]), (row["role_used"], row["role_limit"])]
    return [
        problem(
            "database",
            TEXTS("taken", used=used, limit=limit),
            why=TEXTS("taken_why"),
            do=TEXTS("taken_do"),
        )
        for used, limit in usage
        if limit >= 0 and limit - used < SPARE_CONNECTIONS
    ]
