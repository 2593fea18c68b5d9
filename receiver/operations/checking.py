"""A destination, asked harmlessly: its credentials, its address. Nothing is written or posted there."""

from __future__ import annotations

import contextlib
import json
import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..errors import InboundFlowError, NotFound, StoreError
from ..locales import Text, Texts
from ..registry import Activation, Lane
from ..store import NOTE, Database, Transaction
from .audit import NOBODY, Actor, note
from .finding import PROBLEM, Finding, advice, fine, problem
from .lanes import label

# fmt: off
TEXTS = Texts({
    "wait":        ("its runs fail, or wait", "sus envíos fallan, o esperan"),
    "failed":      ("the check failed ({error})", "la comprobación falló ({error})"),
    "recipe":      ("fix that at the destination or in its variables, see recipes/{page}.md",
                    "corrígelo en el destino o en sus variables, ver recipes/es/{page}.md"),
    "origin":      ("fix that at the destination or in its variables, see the documentation of {origin}",
                    "corrígelo en el destino o en sus variables, ver la documentación de {origin}"),
    "unsigned":    ("what is sent there is not signed", "lo que se envía allí no va firmado"),
    "unsigned_why": ("who receives it cannot tell it from a forgery",
                     "quien lo recibe no puede distinguirlo de una falsificación"),
    "unsigned_do": ("set its signing secret, if the tool can check one",
                    "define su secreto de firma, si la herramienta puede comprobarlo"),
    "no_answer":   ("no answer within {seconds} s", "sin respuesta en {seconds} s"),
    "no_delivery": ("nothing can be delivered there", "allí no se puede entregar nada"),
    "certificate": ("its certificate is not valid: {url}", "su certificado no es válido: {url}"),
    "unreached":   ("it cannot be reached: {url}", "no se puede llegar a: {url}"),
    "url_do":      ("correct the URL, or start what it names", "corrige la URL, o pon en marcha lo que nombra"),
    "reached":     ("{url} can be reached (nothing was posted)", "se llega a {url} (no se envió nada)"),
})
# fmt: on

CONNECT_S = 5
CHECK_S = 15.0  # of one destination, for somebody who waits
FACT = "check: "  # so begins the name of the fact that says how the last one ended
LATE_US = 60_000_000  # a check that never ended is over by then


@dataclass(frozen=True, kw_only=True)
class Checked:
    """How the last check of a lane ended; while it lasts there are no lines."""

    at_us: int
    is_running: bool
    is_right: bool
    lines: tuple[str, ...]


def check(what: str, activation: Activation, settings: Mapping[str, str]) -> Iterator[Finding]:
    for finding in attempt(what, activation, settings):
        yield replace(finding, source=activation.source)


def attempt(what: str, activation: Activation, settings: Mapping[str, str]) -> Iterator[Finding]:
    try:
        yield from ask(what, activation, settings)
    except InboundFlowError as error:
        yield problem(what, error.args[0] if error.args else "", why=TEXTS("wait"), do=recipe(activation))
    except Exception as error:  # a destination's library may raise anything, and the text may hold a secret
        yield problem(what, TEXTS("failed", error=type(error).__name__), do=recipe(activation))


def recipe(activation: Activation) -> Text:
    if activation.handler.origin:
        return TEXTS("origin", origin=activation.handler.origin)
    return TEXTS("recipe", page=activation.handler.module.replace("_", "-"))


def ask(what: str, activation: Activation, settings: Mapping[str, str]) -> Iterator[Finding]:
    if activation.handler.check:
        for line in activation.handler.check(settings):
            yield fine(what, line)
    elif settings.get("url"):
        yield reach(what, settings)
        if not settings.get("secret", "-"):
            yield advice(what, TEXTS("unsigned"), why=TEXTS("unsigned_why"), do=TEXTS("unsigned_do"))


def reach(what: str, settings: Mapping[str, str]) -> Finding:
    """Connects and says nothing: any request, whatever its method, could set a tool's workflow going."""
    import httpcore  # these load an HTTP client, and the web process needs none before somebody asks
    import httpx

    from ..toolkit import allowed_hosts, connect, masked, within

    url = httpx.URL(settings["url"])
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        with within(CONNECT_S):
            allowed = allowed_hosts(settings.get("allowed", ""))
            stream = connect(url.host, port, allowed=allowed, timeout_s=CONNECT_S)
            if url.scheme == "https":
                stream = stream.start_tls(httpx.create_ssl_context(), url.host, CONNECT_S)
            stream.close()
    except (httpcore.NetworkError, httpcore.TimeoutException, ssl.SSLError, OSError) as error:
        kind = "certificate" if "CERTIFICATE" in str(error) else "unreached"
        return problem(what, TEXTS(kind, url=masked(settings["url"])), why=TEXTS("no_delivery"), do=TEXTS("url_do"))
    return fine(what, TEXTS("reached", url=masked(settings["url"])))


def begin_check(db: Database, activations: Sequence[Activation], lane: Lane, *, by: Actor = NOBODY) -> None:
    """Ask it in a thread of its own; `checks` says how that went. Raises NotFound where it is not on, StoreError."""
    now_us = db.now_us()
    activation = next((each for each in activations if each.state == "on" and lane in each.lanes()), None)
    if activation is None:
        raise NotFound(f"{label(lane)} is not on.")

    def write(tx: Transaction) -> None:
        tx.execute(NOTE, (fact(lane), json.dumps({"running": True}), now_us))
        note(tx, now_us, "check", {"handler": lane.handler, "targets": [lane.target]}, source=lane.source, by=by)

    db.commit(write)
    threading.Thread(target=finish_check, args=(db, activation, lane), daemon=True, name="check").start()


def finish_check(db: Database, activation: Activation, lane: Lane) -> None:
    findings: list[Finding] = []
    asking = threading.Thread(
        target=lambda: findings.extend(check(label(lane), activation, activation.targets[lane.target])), daemon=True
    )
    asking.start()
    asking.join(CHECK_S)
    if asking.is_alive():
        findings = [problem(label(lane), TEXTS("no_answer", seconds=int(CHECK_S)), do=recipe(activation))]
    right = all(finding.severity != PROBLEM for finding in findings)
    lines = [finding.message for finding in findings]
    value = json.dumps({"right": right, "lines": lines})
    with contextlib.suppress(StoreError):  # who looks sees that it was not finished
        now_us = db.now_us()
        db.commit(lambda tx: tx.execute(NOTE, (fact(lane), value, now_us)))


def fact(lane: Lane) -> str:
    return FACT + json.dumps(lane)


def checks(db: Database) -> dict[Lane, Checked]:
    """The last check of each lane. Raises StoreError."""
    rows = db.read("SELECT name, value, noted_us FROM facts WHERE substr(name, 1, ?) = ?", (len(FACT), FACT))
    return {
        Lane(*json.loads(row["name"].removeprefix(FACT))): checked_in(json.loads(row["value"]), row["noted_us"], db)
        for row in rows
    }


def checked_in(value: Mapping[str, object], at_us: int, db: Database) -> Checked:
    lines = value.get("lines")
    return Checked(
        at_us=at_us,
        is_running="running" in value and db.now_us() - at_us < LATE_US,
        is_right=bool(value.get("right")),
        lines=tuple(str(line) for line in lines) if isinstance(lines, list) else (),
    )
