"""Each destination, asked harmlessly: its credentials, its address. Nothing is written or posted."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import httpcore
import httpx

from ..errors import InboundFlowError
from ..operations import Finding, advice, fine, label, problem
from ..registry import Activation, misspelt
from ..settings import unusable
from ..toolkit import allowed_hosts, connect, masked, within
from .concurrently import Check

CONNECT_S = 5


def check_names(env: Mapping[str, str], activations: Sequence[Activation]) -> Iterator[Finding]:
    """Variables with a typing error in their names, or in the business's language or zone."""
    for sentence in unusable(env):
        yield advice("variables", sentence, do="correct it, and start again")
    for name, meant in misspelt(env, [activation.handler for activation in activations]):
        yield advice(
            "variables",
            f"{name} is set, and nothing reads it",
            why=f"it looks like {meant}",
            do=f"rename it to {meant}, or remove it if it is meant for another program",
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
        yield problem(what, str(error), why="its runs fail, or wait", do=recipe(activation))
    except Exception as error:  # a destination's library may raise anything, and the text may hold a secret
        yield problem(what, f"the check failed ({type(error).__name__})", do=recipe(activation))


def recipe(activation: Activation) -> str:
    page = activation.handler.module.replace("_", "-")
    return f"fix that at the destination or in its variables, see recipes/{page}.md"


def ask(what: str, activation: Activation, settings: Mapping[str, str]) -> Iterator[Finding]:
    if activation.handler.check:
        for line in activation.handler.check(settings):
            yield fine(what, line)
    elif settings.get("url"):
        yield reach(what, settings)
        if not settings.get("secret", "-"):
            yield advice(
                what,
                "what is sent there is not signed",
                why="who receives it cannot tell it from a forgery",
                do="set its signing secret, if the tool can check one",
            )


def reach(what: str, settings: Mapping[str, str]) -> Finding:
    """Connects and says nothing: any request, whatever its method, could set a tool's workflow going."""
    url = httpx.URL(settings["url"])
    port = url.port or (443 if url.scheme == "https" else 80)
    why = "nothing can be delivered there"
    try:
        with within(CONNECT_S):
            allowed = allowed_hosts(settings.get("allowed", ""))
            stream = connect(url.host, port, allowed=allowed, timeout_s=CONNECT_S)
            if url.scheme == "https":
                stream = stream.start_tls(httpx.create_ssl_context(), url.host, CONNECT_S)
            stream.close()
    except (httpcore.NetworkError, httpcore.TimeoutException, ssl.SSLError, OSError) as error:
        kind = "its certificate is not valid" if "CERTIFICATE" in str(error) else "it cannot be reached"
        return problem(
            what, f"{kind}: {masked(settings['url'])}", why=why, do="correct the URL, or start what it names"
        )
    return fine(what, f"{masked(settings['url'])} can be reached (nothing was posted)")
