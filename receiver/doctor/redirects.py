"""Redirects at the public address: InboundFlow follows none, so it has to be given the address that they lead to."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx

from ..errors import HandlerError
from ..locales import Texts
from ..operations import Finding, advice, fine, problem
from ..toolkit import send

ANSWER_S = 4  # each of two or three requests, inside what all of the doctor's work may take
# fmt: off
TEXTS = Texts({
    "redirects":    ("it redirects to {url} (status {status})", "redirige a {url} (estado {status})"),
    "follows_none": ("InboundFlow follows no redirect, and counts it as a failure",
                     "InboundFlow no sigue redirecciones, y las cuenta como fallo"),
    "give":         ("give InboundFlow {url}", "da a InboundFlow {url}"),
    "no_log_in":    ("lead POST {path} to the receiver without a log-in or a redirect",
                     "lleva POST {path} al receptor sin acceso previo ni redirección"),
    "slash":        ("it has a slash at its end, and the receiver is at the address without one",
                     "termina en una barra, y el receptor está en la dirección sin ella"),
    "slash_why":    ("InboundFlow would get 404", "InboundFlow recibiría 404"),
    "twin":         ("its http:// address leads to https://", "su dirección http:// lleva a https://"),
    "plain":        ("the receiver also answers at the http:// address", "el receptor responde también en http://"),
    "plain_why":    ("what is sent there crosses the internet for all to read",
                     "lo que se envía allí cruza internet a la vista de todos"),
    "plain_do":     ("redirect http:// to https:// (Caddy does so by itself; on Fly: force_https = true)",
                     "redirige http:// a https:// (Caddy lo hace solo; en Fly: force_https = true)"),
})
# fmt: on

IsOurs = Callable[[httpx.Response], bool]


def redirected(url: str, answer: httpx.Response, is_ours: IsOurs) -> Finding:
    """Which address to give InboundFlow in place of one that redirects."""
    target = httpx.URL(url).join(answer.headers.get("location", url))
    shown = without_query(target)
    ours = shown != without_query(httpx.URL(url)) and answers(shown, is_ours)
    return problem(
        "public URL",
        TEXTS("redirects", url=shown, status=str(answer.status_code)),
        why=TEXTS("follows_none"),
        do=TEXTS("give", url=shown) if ours else TEXTS("no_log_in", path=httpx.URL(url).path),
    )


def without_slash(url: str, is_ours: IsOurs) -> Finding | None:
    """Where nothing of ours answers at an address that ends in a slash, and it does without."""
    if not url.endswith("/") or not answers(url.rstrip("/"), is_ours):
        return None
    return problem(
        "public URL",
        TEXTS("slash"),
        why=TEXTS("slash_why"),
        do=TEXTS("give", url=url.rstrip("/")),
    )


def check_plain(url: str, is_ours: IsOurs) -> Iterator[Finding]:
    """The same address with http://: that it redirects is as it should be, and so is no answer."""
    try:
        answer = send("POST", url, content=b"{}", read_s=ANSWER_S, total_s=ANSWER_S)
    except HandlerError:
        return
    if answer.headers.get("location", "").startswith("https://"):
        yield fine("public URL", TEXTS("twin"))
    elif is_ours(answer):
        yield advice(
            "public URL",
            TEXTS("plain"),
            why=TEXTS("plain_why"),
            do=TEXTS("plain_do"),
        )


def answers(url: str, is_ours: IsOurs) -> bool:
    try:
        return is_ours(send("POST", url, content=b"{}", read_s=ANSWER_S, total_s=ANSWER_S))
    except HandlerError:
        return False


def without_query(url: httpx.URL) -> str:
    """As it may be shown: a log-in page's address holds where one came from, and at times more."""
    return str(url.copy_with(query=None, fragment=None, username=None, password=None))
