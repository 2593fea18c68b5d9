"""What was sent and what came back, as text in which the secret does not stand, with a command to repeat it."""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from ..sign import sign
from ..trouble.kinds import header
from ..wire import Answer, Request
from .probe import Exchange, Probe
from .verdict import Evidence

SHOWN = 3  # exchanges of a check: the ones that went wrong come first
SHOWN_CHARS = 2000  # of each: headers and the beginning of the body
CURL_BYTES = 8000  # longer ones do not fit a terminal
SIGNATURE, TIMESTAMP = "X-InboundFlow-Signature", "X-InboundFlow-Timestamp"


def evidence(probe: Probe) -> tuple[Evidence, ...]:
    order = sorted(probe.seen, key=lambda exchange: exchange.good is not False)[:SHOWN]
    return tuple(shown(exchange, probe) for exchange in order)


def shown(exchange: Exchange, probe: Probe) -> Evidence:
    secrets = [probe.secret, probe.previous_secret]
    sent = exchange.request.raw()[: 4 * SHOWN_CHARS].decode(errors="backslashreplace").replace("\r\n", "\n")
    return Evidence(
        sent=redacted(cut(sent, len(exchange.request.raw())), secrets),
        came_back=redacted(cut(text_of(exchange.answer)), secrets),
        command=redacted(command(exchange.request, probe.secret, probe.names.get(exchange.request, ())), secrets),
    )


def redacted(text: str, secrets: Iterable[str]) -> str:
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        for written in {secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}:
            text = text.replace(written, "[the secret]")
    return text


def cut(text: str, whole: int = 0) -> str:
    size = max(whole, len(text))
    return text if len(text) <= SHOWN_CHARS else f"{text[:SHOWN_CHARS]}… ({size:,} bytes in all)"


def text_of(answer: Answer) -> str:
    if answer.status is None:
        return answer.failure
    lines = [
        f"{answer.status}, after {answer.latency_s:.2f} s",
        *(f"{name}: {value}" for name, value in answer.headers),
    ]
    return "\n".join([*lines, "", answer.body])


def command(request: Request, secret: str, troubles: Sequence[str]) -> str:
    """curl with a signature of its own time; the mock sender where curl would send something else."""
    if troubles and not plain(request, secret):
        named = " ".join(f"--trouble {name}" for name in troubles)
        return f'mock-sender send call.completed --to {shlex.quote(request.url)} --secret "$SECRET" {named}'
    if not printable(request.body) or len(request.raw()) > CURL_BYTES or request.cut_at is not None:
        return f"# curl cannot send this; the bytes are above, for: nc {urlsplit(request.url).netloc.replace(':', ' ')}"
    return curl(request, secret)


def plain(request: Request, secret: str) -> bool:
    """Rightly signed for what is sent, all at once: curl does the same."""
    odd = request.chunk_bytes or request.pause_s or request.cut_at is not None or len(request.raw()) > CURL_BYTES
    return not odd and printable(request.body) and is_right(request, secret)


def is_right(request: Request, secret: str) -> bool:
    return header(request, SIGNATURE) == sign(secret, header(request, TIMESTAMP), request.body)


def printable(body: bytes) -> bool:
    return b"\0" not in body and body.decode(errors="replace").isprintable() | (b"\n" in body)


def curl(request: Request, secret: str) -> str:
    stamp, given = header(request, TIMESTAMP), header(request, SIGNATURE)
    right = is_right(request, secret)
    lines = [f"BODY={shlex.quote(request.body.decode(errors='replace'))}", f"T={when(stamp)}"]
    if right:
        lines.append("""S=$(printf '%s' "$T.$BODY" | openssl dgst -sha256 -hmac "$SECRET" | sed 's/.* //')""")
    values = {TIMESTAMP.lower(): "$T", SIGNATURE.lower(): "sha256=$S" if right else given}
    flags = [
        f'-H "{name}: {values[name.lower()]}"' if name.lower() in values else f"-H {shlex.quote(f'{name}: {value}')}"
        for name, value in request.headers
    ]
    if request.method != "POST":
        return f"curl -i -X {request.method} {shlex.quote(request.url)}"
    return "\n".join([*lines, f'curl -i {" ".join(flags)} --data-binary "$BODY" {shlex.quote(request.url)}'])


def when(stamp: str) -> str:
    """The shell's now, as far from it as this was."""
    if not stamp.isdecimal() or len(stamp) > 11:
        return shlex.quote(stamp)
    off = round((int(stamp) - time.time()) / 30) * 30  # the drifts that are sent are multiples of it
    return f"$(($(date +%s) {off:+d}))" if off else "$(date +%s)"
