"""`receiver up --demo`: the real receiver between a sender and destinations that the mock sender's package plays."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from .. import data_dir, registry
from ..errors import ConfigurationError
from ..locales import Texts
from ..registry import Handler
from ..settings import locale_at_terminal, read
from ..toolkit import BUSINESS
from . import words
from .held_log import held_back, last_lines
from .main import lock_data_dir, prepare
from .password import password_in_use
from .refusals import watch
from .story import Stage, say, tell
from .supervisor import end_with_parent

# The demo must never touch anything real.
DROPPED_PREFIXES = (
    "SLACK_", "GOOGLE_", "HUBSPOT_", "SALESFORCE_", "FORWARD_", "ZAPIER_", "MAKE_", "N8N_", "INBOUNDFLOW_",
    "EMAIL_", "RESEND_", "SMTP_", "TEAMS_",
)  # fmt: skip
DROPPED = ("REDIS_URL", "DATABASE_URL", "CONSOLE_FULL", "HOST")
LED = ("SLACK_", "GOOGLE_", "HUBSPOT_", "EMAIL_", "RESEND_")  # the variables of the destinations that it shows
SECRET = "known-to-everyone"  # noqa: S105 - on loopback, against an inbox of its own
# fmt: off
TEXTS = Texts({
    "theirs": ("{folder} holds what no demo of this version made, or leads elsewhere: move it away, or set DATA_DIR to "
               "another directory.",
               "{folder} contiene algo que no hizo ninguna demo de esta versión, o lleva a otro sitio: quítalo de ahí, "
               "o define DATA_DIR con otra carpeta."),
})
# fmt: on
# As recipes/es/google-sheets.md proposes them, of what the demo shows.
SPANISH_SHEET = {
    "GOOGLE_SHEETS_TABS": (
        "call.completed=Llamadas, call.transferred=Transferencias, appointment.booked=Citas, lead.created=Contactos, "
        "other=Otros"
    ),
    "GOOGLE_SHEETS_COLUMNS": (
        "received_at=Recibida, caller_name=Nombre, caller_phone=Teléfono, caller_email=Correo, summary=Resumen, "
        "intent=Motivo, urgency=Urgencia, duration_seconds=Segundos, started_at=Inicio, ended_at=Fin, "
        "recording_url=Grabación, service_type=Servicio, appointment_date=Fecha, appointment_time_start=Desde, "
        "appointment_time_end=Hasta, calendar_event_link=Calendario, interest=Interés, "
        "call_summary=Resumen de la llamada, status=Estado, called_back_by=Quién llamó, notes=Notas"
    ),
}
MARK = "demo-made-this"  # in the demo's folder: what has no such file is somebody's own


def untouching(env: Mapping[str, str], handlers: Collection[Handler]) -> dict[str, str]:
    """The variables without those that lead a handler anywhere, one of one's own and a plug-in too."""
    dropped = {*DROPPED, *registry.variables(handlers)} - {*BUSINESS}
    return {k: v for k, v in env.items() if not k.startswith(DROPPED_PREFIXES) and k not in dropped}


def demonstrate(env: Mapping[str, str]) -> int:
    """Send one call through the whole receiver, show what arrived, and run until Ctrl-C.

    The log goes to a file, and its end is shown where something fails. Returns the exit code.
    Raises ConfigurationError.
    """
    clean = untouching(env, registry.discover("handlers").values())
    folder, lang = read(clean).data_dir / "demo", locale_at_terminal(clean).language
    with data_dir.usable():
        clear(folder)
    log = folder / "log.txt"
    try:
        with held_back(log):
            code = run({**clean, "BUSINESS_LANGUAGE": lang}, folder, log)
    except ConfigurationError:
        if lines := last_lines(log):
            say(lines)
        raise
    if code:
        say(words.say("log_ends", lang, log=last_lines(log), path=log))
    say(words.say("ended", lang))
    return code


def run(env: Mapping[str, str], folder: Path, log: Path) -> int:
    """Returns the exit code. Raises ConfigurationError."""
    port = env.get("PORT") or str(free_port())
    with destinations(env) as world:
        led = {name: value for name, value in world["env"].items() if name.startswith(LED)}
        led |= SPANISH_SHEET if env["BUSINESS_LANGUAGE"] == "es" else {}
        own = {"DATA_DIR": str(folder), "PORT": port, "INBOUNDFLOW_SIGNING_SECRET": SECRET}
        supervisor = prepare({**env, **led, **own}, quiet=True)
        settings = read({**env, **own})
        stage = Stage(
            receiver=f"http://127.0.0.1:{port}",
            state_url=world["state_url"],
            text_url=world["text_url"],
            page_url=world["page_url"],
            inbox=folder / "inbox.db",
            log=log,
            secret=SECRET,
            lang=env["BUSINESS_LANGUAGE"],
            password=password_in_use(settings),
        )
        threading.Thread(target=tell, args=(stage,), daemon=True).start()
        threading.Thread(target=watch, args=(stage, settings), daemon=True).start()
        return supervisor.run()


def clear(folder: Path) -> None:
    """Make the demo's folder, empty. Raises ConfigurationError where it holds anything else, or a demo that runs."""
    if folder.is_symlink() or (folder.exists() and not (folder / MARK).exists() and any(folder.iterdir())):
        raise ConfigurationError(TEXTS("theirs", folder=str(folder)))
    if folder.exists():
        lock, _ = lock_data_dir(folder)
        shutil.rmtree(folder, ignore_errors=True)  # a process of one that was killed may be writing its last line
        os.close(lock)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / MARK).touch()


@contextlib.contextmanager
def destinations(env: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Run the played destinations. Gives what they say of themselves: their addresses, and `env`, the variables that
    lead the handlers to them. Raises ConfigurationError if they do not start.
    """
    command = [sys.executable, "-m", "mock_sender", "destinations", "--port", "0", "--json"]
    process = subprocess.Popen(
        [*command, "--lang", env["BUSINESS_LANGUAGE"]],
        env={**env, "TZ": env.get("BUSINESS_TIMEZONE") or env.get("TZ", "UTC")},  # the clock of those who look at them
        stdout=subprocess.PIPE,
        text=True,
        process_group=0,
        preexec_fn=end_with_parent if sys.platform == "linux" else None,
    )
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            raise ConfigurationError("The demo's destinations did not start: the lines above say why.")
        yield json.loads(line)
    finally:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
