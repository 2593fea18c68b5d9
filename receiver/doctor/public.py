"""The public address, asked as InboundFlow will ask it, without a signature: nothing is stored."""

from __future__ import annotations

import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import httpx

from ..errors import HandlerError, OperationError
from ..locales import Texts
from ..operations import Finding, advice, fine, problem
from ..settings import Settings
from ..toolkit import CertificateInvalid, send
from .certificate import UNKNOWN, check_certificate, invalid
from .redirects import redirected, without_slash
from .sleep import awake

PATH = "/webhooks/inboundflow"
TOTAL_S = 10  # InboundFlow waits no longer
SLOW_S = 5  # half of what InboundFlow waits
LARGE = 1024 * 1024 - 1024  # bytes: just under what the receiver takes
# fmt: off
TEXTS = Texts({
    "no_tls":     ("it does not begin with https://", "no empieza por https://"),
    "no_tls_why": ("callers' data would cross the internet for all to read",
                   "los datos de quienes llaman cruzarían internet a la vista de todos"),
    "no_tls_do":  ("give the https:// address", "da la dirección https://"),
    "answers":    ("the receiver answers there in {seconds} s", "el receptor responde allí en {seconds} s"),
    "address":    ("it should look like https://calls.example.com", "debe ser como https://calls.example.com"),
    "unasked":    ("it was not asked, as the receiver would keep what is asked without a signature",
                   "no se le preguntó: el receptor guardaría la pregunta, pues no pide firma"),
    "unasked_why": ("whoever finds the address can make up calls",
                    "quien encuentre la dirección puede inventar llamadas"),
    "unasked_do": ("remove INBOUNDFLOW_ALLOW_UNSIGNED, and look again",
                   "quita INBOUNDFLOW_ALLOW_UNSIGNED y vuelve a mirar"),
    "nobody":     ("nothing answers there: {error}", "allí no responde nadie: {error}"),
    "nobody_why": ("InboundFlow would get no answer either", "InboundFlow tampoco tendría respuesta"),
    "nobody_do":  ("see that the receiver runs, that the name leads to it, and that its port is open",
                   "comprueba que el receptor funciona, que el nombre lleva a él y que su puerto está abierto"),
    "slow":       ("its first answer took {seconds} s", "su primera respuesta tardó {seconds} s"),
    "slow_why":   ("InboundFlow waits 10 s: a plan that sleeps is too slow to wake",
                   "InboundFlow espera 10 s: un plan que se duerme tarda demasiado en despertar"),
    "page":       ("a web page answers (status {status}), and not the receiver",
                   "responde una página web (estado {status}), y no el receptor"),
    "open":       ("a request without a signature is taken", "se acepta una solicitud sin firma"),
    "open_why":   ("either that is not the receiver, or anybody can make up calls",
                   "o eso no es el receptor, o cualquiera puede inventar llamadas"),
    "open_do":    ("see what runs there; if it is the receiver, remove INBOUNDFLOW_ALLOW_UNSIGNED",
                   "mira qué funciona allí; si es el receptor, quita INBOUNDFLOW_ALLOW_UNSIGNED"),
    "other":      ("something other than the receiver answers (status {status})",
                   "responde algo que no es el receptor (estado {status})"),
    "other_why":  ("a log-in page, a proxy's error page or another app stands before it",
                   "delante hay una página de acceso, la página de error de un proxy u otra aplicación"),
    "other_do":   ("lead POST {path} to the receiver without a log-in",
                   "lleva POST {path} al receptor sin acceso previo"),
    "clock":      ("this machine's and the public address's differ by {seconds} s",
                   "el de este equipo y el de la dirección pública difieren en {seconds} s"),
    "clock_why":  ("a signature over {seconds} s old is refused", "se rechaza una firma de más de {seconds} s"),
    "clock_do":   ("switch on time synchronisation: timedatectl set-ntp true",
                   "activa la sincronización de la hora: timedatectl set-ntp true"),
    "size":       ("a delivery of 1 MB does not reach the receiver", "una entrega de 1 MB no llega al receptor"),
    "size_why":   ("a long call's transcript can be large", "la transcripción de una llamada larga puede ser grande"),
    "size_do":    ("raise the proxy's limit (nginx: client_max_body_size 2m)",
                   "sube el límite del proxy (nginx: client_max_body_size 2m)"),
})
# fmt: on


def check_url(settings: Settings, url: str, *, total_s: float = TOTAL_S, slow_s: float = SLOW_S) -> Iterator[Finding]:
    """Everything about the address itself. Its http:// twin has a check of its own."""
    if not url.startswith("https://"):
        yield problem(
            "public URL",
            TEXTS("no_tls"),
            why=TEXTS("no_tls_why"),
            do=TEXTS("no_tls_do"),
        )
    if settings.allow_unsigned:
        yield unasked()
        return
    where = endpoint(url)
    began = time.monotonic()
    try:
        answer = send("POST", where, content=b"{}", read_s=total_s, total_s=total_s)
    except CertificateInvalid:
        yield next(check_certificate(where), invalid(UNKNOWN))
        return
    except HandlerError as error:
        yield unanswered(error)
        return
    took_s = time.monotonic() - began
    if (finding := unlike_ours(where, answer)) is not None:
        yield finding
        return
    yield fine("public URL", TEXTS("answers", seconds=f"{took_s:.1f}"))
    if took_s > slow_s:
        yield slow(where, settings, took_s)
    yield from check_certificate(where)
    yield from check_clock(settings, answer)
    yield from check_size(where, max(1, total_s - took_s))


def check_address(url: str) -> str:
    """The same. Raises OperationError where it is no address; the text of it may hold a secret."""
    try:
        parts = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        parts = httpx.URL()
    if url and not (parts.scheme in ("https", "http") and parts.host):
        raise OperationError(TEXTS("address"))
    return url


def endpoint(url: str) -> str:
    """Where to ask: the whole address exactly as it was given, as a slash too many matters."""
    return url if PATH in url else url.rstrip("/") + PATH


def plain_twin(url: str) -> str:
    """The same address with http://; "" where it has a port of its own, as nothing listens for http there."""
    parts = httpx.URL(endpoint(url))
    return str(parts.copy_with(scheme="http")) if parts.scheme == "https" and parts.port is None else ""


def unasked() -> Finding:
    return advice(
        "public URL",
        TEXTS("unasked"),
        why=TEXTS("unasked_why"),
        do=TEXTS("unasked_do"),
    )


def unanswered(error: HandlerError) -> Finding:
    return problem(
        "public URL",
        TEXTS("nobody", error=str(error)),
        why=TEXTS("nobody_why"),
        do=TEXTS("nobody_do"),
    )


def slow(where: str, settings: Settings, took_s: float) -> Finding:
    return problem(
        "public URL",
        TEXTS("slow", seconds=f"{took_s:.0f}"),
        why=TEXTS("slow_why"),
        do=awake(where, settings),
    )


def unlike_ours(where: str, answer: httpx.Response) -> Finding | None:
    """What answers instead of the receiver; None where it is the receiver."""
    if is_ours(answer):
        return None
    if 300 <= answer.status_code < 400:
        return redirected(where, answer, is_ours)
    if is_page(answer):
        message = TEXTS("page", status=str(answer.status_code))
    elif answer.status_code == 200:
        return problem(
            "public URL",
            TEXTS("open"),
            why=TEXTS("open_why"),
            do=TEXTS("open_do"),
        )
    else:
        message = TEXTS("other", status=str(answer.status_code))
    return without_slash(where, is_ours) or problem(
        "public URL",
        message,
        why=TEXTS("other_why"),
        do=TEXTS("other_do", path=PATH),
    )


def is_page(answer: httpx.Response) -> bool:
    return "html" in answer.headers.get("content-type", "") or answer.content[:200].lstrip().startswith(b"<")


def is_ours(answer: httpx.Response) -> bool:
    try:
        document = answer.json()
    except ValueError:
        return False
    return (
        answer.status_code >= 400 and isinstance(document, dict) and {"status", "reason", "detail"} <= document.keys()
    )


def check_clock(settings: Settings, answer: httpx.Response) -> Iterator[Finding]:
    try:
        off_s = abs(parsedate_to_datetime(answer.headers.get("date", "")).timestamp() - time.time())
    except ValueError:
        return
    if off_s > settings.tolerance_s / 2:
        yield problem(
            "clock",
            TEXTS("clock", seconds=f"{off_s:.0f}"),
            why=TEXTS("clock_why", seconds=str(settings.tolerance_s)),
            do=TEXTS("clock_do"),
        )


def check_size(where: str, total_s: float) -> Iterator[Finding]:
    try:
        answer = send("POST", where, content=b" " * LARGE, read_s=total_s, total_s=total_s)
        ours = is_ours(answer)
    except HandlerError:
        ours = False
    if not ours:
        yield advice(
            "public URL",
            TEXTS("size"),
            why=TEXTS("size_why"),
            do=TEXTS("size_do"),
        )
