"""Each destination, asked harmlessly: its credentials, its address. Nothing is written or posted."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import httpcore
import httpx

from ..errors import InboundFlowError
from ..locales import Text, Texts
from ..operations import Finding, advice, fine, label, problem
from ..registry import Activation, misspelt
from ..settings import unusable
from ..toolkit import allowed_hosts, connect, masked, within
from .concurrently import Check

CONNECT_S = 5
# fmt: off
TEXTS = Texts({
    "correct":     ("correct it, and start again", "corrígelo y reinicia"),
    "unread":      ("{name} is set, and nothing reads it", "{name} está definida y nada la lee"),
    "unread_why":  ("it looks like {meant}", "se parece a {meant}"),
    "unread_do":   ("rename it to {meant}, or remove it if it is meant for another program",
                    "cámbiale el nombre a {meant}, o quítala si es de otro programa"),
    "wait":        ("its runs fail, or wait", "sus envíos fallan, o esperan"),
    "failed":      ("the check failed ({error})", "la comprobación falló ({error})"),
    "recipe":      ("fix that at the destination or in its variables, see recipes/{page}.md",
                    "corrígelo en el destino o en sus variables, ver recipes/es/{page}.md"),
    "unsigned":    ("what is sent there is not signed", "lo que se envía allí no va firmado"),
    "unsigned_why": ("who receives it cannot tell it from a forgery",
                     "quien lo recibe no puede distinguirlo de una falsificación"),
    "unsigned_do": ("set its signing secret, if the tool can check one",
                    "define su secreto de firma, si la herramienta puede comprobarlo"),
    "no_delivery": ("nothing can be delivered there", "allí no se puede entregar nada"),
    "certificate": ("its certificate is not valid: {url}", "su certificado no es válido: {url}"),
    "unreached":   ("it cannot be reached: {url}", "no se puede llegar a: {url}"),
    "url_do":      ("correct the URL, or start what it names", "corrige la URL, o pon en marcha lo que nombra"),
    "reached":     ("{url} can be reached (nothing was posted)", "se llega a {url} (no se envió nada)"),
})
# fmt: on


def check_names(env: Mapping[str, str], activations: Sequence[Activation]) -> Iterator[Finding]:
    """Variables with a typing error in their names, or in the business's language or zone."""
    for sentence in unusable(env):
        yield advice("variables", sentence, do=TEXTS("correct"))
    for name, meant in misspelt(env, [activation.handler for activation in activations]):
        yield advice(
            "variables",
            TEXTS("unread", name=name),
            why=TEXTS("unread_why", meant=meant),
            do=TEXTS("unread_do", meant=meant),
        )


def destination_checks(activations: Sequence[Activation]) -> dict[str, Check]:
    """A check for each target of each destination that is on."""
    return {
        label(lane): partial(check, label(lane), activation, activation.targets[lane.target])
        for activation in activations
        if activation.state == "on"
        for lane in activation.lanes()
    }


def check(what: str, activation: Activation, settings: Mapping[str, str]) -> Iterator[Finding]:
    try:
        yield from ask(what, activation, settings)
    except InboundFlowError as error:
        yield problem(what, error.args[0] if error.args else "", why=TEXTS("wait"), do=recipe(activation))
    except Exception as error:  # a destination's library may raise anything, and the text may hold a secret
        yield problem(what, TEXTS("failed", error=type(error).__name__), do=recipe(activation))


def recipe(activation: Activation) -> Text:
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
