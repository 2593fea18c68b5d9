"""The worker: whether what is kept also reaches its destinations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .. import inbox
from ..inbox import UNATTENDED_US
from ..locales import Text, Texts, joined
from ..operations import (
    FAILED,
    KEEP_TIME,
    OK,
    Finding,
    advice,
    chore_records,
    clock_oddities,
    command,
    fine,
    problem,
    worker_differences,
)
from ..registry import Activation
from ..store import Database, was_moved

CLOCK_SHOWN_S = 24 * 3600
UNENDED_US = 2 * 3600 * 1_000_000  # no chore may take longer than an hour
# fmt: off
TEXTS = Texts({
    "redis":      ("the worker that runs says: {problem}", "el worker en marcha dice: {problem}"),
    "redis_why":  ("deliveries are kept, and wait until it is fixed",
                   "las entregas se guardan y esperan hasta que se corrija"),
    "redis_do":   ("do that where Redis is set up; it is the worker's own REDIS_URL that counts",
                   "hazlo donde se configura Redis; cuenta la REDIS_URL del propio worker"),
    "dying":      ("one runs, but {processes}", "hay uno en marcha, pero {processes}"),
    "dying_why":  ("each is started again after a second, and what it is for waits",
                   "cada uno se reinicia tras un segundo, y lo que le toca espera"),
    "dying_do":   ("the worker's log says what each met: see to that, and start the receiver again",
                   "el registro del worker dice qué encontró cada uno: ocúpate de eso y reinicia el receptor"),
    "heroku":     ("start it: heroku ps:scale worker=1:basic, or set WEB_COMMAND=up",
                   "arráncalo: heroku ps:scale worker=1:basic, o define WEB_COMMAND=up"),
    "start":      ("start it: {up}, or {worker} beside {web}", "arráncalo: {up}, o {worker} junto a {web}"),
    "differs":    ("the worker that runs has others than this command: {differing}",
                   "el worker en marcha tiene otras que este comando: {differing}"),
    "differs_why": ("which events a destination gets, and whether it answers, is said for this command's variables "
                    "alone, and replay goes by them too",
                    "qué eventos recibe cada destino y si responde se dice solo según las variables de este comando, "
                    "y replay las usa también"),
    "differs_do": ("give this command those of the receiver (in this terminal too: export …); or, where they were "
                   "changed, start the receiver again",
                   "da a este comando las del receptor (también en esta terminal: export …); o, si las cambiaste, "
                   "reinicia el receptor"),
    "chore":      ("the chore '{name}' did not succeed: {problem}", "la tarea '{name}' no terminó bien: {problem}"),
    "chore_why":  ("it is tried again by itself", "se reintenta sola"),
    "log":        ("see the worker's log, if it goes on", "mira el registro del worker, si continúa"),
    "unended":    ("the chore '{name}' was begun and has not ended", "la tarea '{name}' empezó y no terminó"),
    "unended_why": ("it took longer than its limit, or its worker ended",
                    "tardó más de su límite, o su worker terminó"),
    "clock_why":  ("while it is wrong, deliveries are refused", "mientras está mal, se rechazan entregas"),
    "moved":      ("this inbox was moved to another database, and is closed",
                   "esta bandeja de entrada se trasladó a otra base de datos, y está cerrada"),
    "moved_why":  ("nothing is kept here or brought anywhere any more", "aquí ya no se guarda ni se envía nada"),
    "moved_do":   ("set DATABASE_URL to the Postgres it was moved to; or, where no receiver has run on that, go back: "
                   "{command}",
                   "define DATABASE_URL con el Postgres al que se trasladó; o, si ningún receptor lo ha usado, vuelve "
                   "atrás: {command}"),
    "runs":       ("one runs", "hay uno en marcha"),
    "unseen":     ("none runs, and {n:delivery waits|deliveries wait} for it",
                   "no hay ninguno en marcha, y {n:entrega lo espera|entregas lo esperan}"),
    "unseen_why": ("InboundFlow was told that they arrived, and nobody has seen them",
                   "a InboundFlow se le dijo que llegaron, y nadie las ha visto"),
    "gone":       ("none has run for {age}", "ninguno funciona desde hace {age}"),
    "none":       ("none runs at the moment", "ahora no hay ninguno en marcha"),
    "waits":      ("what is received waits until one does, or nothing is received at all",
                   "lo que se recibe espera hasta que lo haya, o no se recibe nada"),
})
# fmt: on


def check_worker(db: Database, platform: str, activations: Sequence[Activation]) -> Iterator[Finding]:
    """Raises StoreError."""
    troubles = inbox.troubles(db)
    worker = leading(db, start(platform))
    yield worker if worker.severity != OK or inbox.PROCESSES not in troubles else dying(troubles[inbox.PROCESSES])
    if redis := troubles.get(inbox.REDIS):
        yield problem("Redis", TEXTS("redis", problem=redis), why=TEXTS("redis_why"), do=TEXTS("redis_do"))
    yield from compared(db, activations)
    yield from chores(db)
    yield from clock(db)


def dying(processes: str) -> Finding:
    return problem(
        "worker",
        TEXTS("dying", processes=processes),
        why=TEXTS("dying_why"),
        do=TEXTS("dying_do"),
    )


def start(platform: str) -> Text:
    """How one is started, in the words of the platform."""
    if platform == "Heroku":
        return TEXTS("heroku")
    return TEXTS("start", up=command("up"), worker=command("worker"), web=command("web"))


def compared(db: Database, activations: Sequence[Activation]) -> Iterator[Finding]:
    """A second terminal without the receiver's variables sees another receiver than the one that runs."""
    if differing := worker_differences(db, activations):
        yield problem(
            "variables",
            TEXTS("differs", differing=joined("; ", differing)),
            why=TEXTS("differs_why"),
            do=TEXTS("differs_do"),
        )


def chores(db: Database) -> Iterator[Finding]:
    """Those that failed, or never ended. What they found is reported by the checks of what they look after."""
    for record in chore_records(db):
        if record.problem.startswith(FAILED):
            yield advice(
                "worker",
                TEXTS("chore", name=record.name, problem=record.problem),
                why=TEXTS("chore_why"),
                do=TEXTS("log"),
            )
        elif record.ended_us is None and abs(db.now_us() - record.started_us) > UNENDED_US:
            yield advice(
                "worker",
                TEXTS("unended", name=record.name),
                why=TEXTS("unended_why"),
                do=TEXTS("log"),
            )


def clock(db: Database) -> Iterator[Finding]:
    if odd := clock_oddities(db, within_s=CLOCK_SHOWN_S):
        yield advice(
            "clock",
            odd,
            why=TEXTS("clock_why"),
            do=KEEP_TIME,
        )


def leading(db: Database, start: Text) -> Finding:
    """By the lease that whichever worker leads renews every second or so; runs have leases of their own."""
    led_us = inbox.last_led(db)
    if db.commit(was_moved):
        return problem(
            "worker",
            TEXTS("moved"),
            why=TEXTS("moved_why"),
            do=TEXTS("moved_do", command=command("copy --to … --undo-cutover")),
        )
    if inbox.is_led(db):
        return fine("worker", TEXTS("runs"))
    if waiting := inbox.undispatched_count(db):
        return problem(
            "worker",
            TEXTS("unseen", n=waiting),
            why=TEXTS("unseen_why"),
            do=start,
        )
    if led_us and db.now_us() - led_us > UNATTENDED_US:
        minutes = (db.now_us() - led_us) // 60_000_000
        gone = f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
        return problem("worker", TEXTS("gone", age=gone), why=TEXTS("waits"), do=start)
    return advice("worker", TEXTS("none"), why=TEXTS("waits"), do=start)
