"""The signing secret: whether deliveries can be told from anybody's requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..operations import Finding, advice, command, fine, problem
from ..settings import Settings

NAME, PREVIOUS = "INBOUNDFLOW_SIGNING_SECRET", "INBOUNDFLOW_SIGNING_SECRET_PREVIOUS"
SHORTEST = 16  # characters: anything shorter can be guessed, or is half of what was to be copied
COPY = "in InboundFlow open Configuración → Integraciones → your webhook, and copy its secret into this variable"


def check_secret(settings: Settings, env: Mapping[str, str]) -> Iterator[Finding]:
    if settings.allow_unsigned:
        yield problem(
            "INBOUNDFLOW_ALLOW_UNSIGNED",
            "deliveries are taken without a signature",
            why="anybody who knows the address can make up calls",
            do=f"remove INBOUNDFLOW_ALLOW_UNSIGNED, and set {NAME}",
        )
    if not settings.secrets and not settings.allow_unsigned:
        yield missing(settings)
    for name in (NAME, PREVIOUS):
        if env.get(name, "").strip():
            yield from oddities(name, env[name])
    yield from other_in_file(settings)
    if env.get(PREVIOUS, "").strip() and env.get(PREVIOUS, "").strip() == env.get(NAME, "").strip():
        yield problem(
            PREVIOUS,
            f"it is the same as {NAME}",
            why="during a change of secrets one of the two has to be the old one",
            do=f"put the new secret into {NAME}, or remove {PREVIOUS} when the change is over",
        )


def missing(settings: Settings) -> Finding:
    made = settings.secret_path
    if settings.is_local and made.exists():
        return fine(NAME, f"not set for this command; without it `{command('up')}` uses the secret in {made}")
    if settings.is_local:
        return advice(
            NAME,
            "not set for this command",
            why=f"on your own machine `{command('up')}` makes one; InboundFlow's real deliveries carry another",
            do=f"before going live, {COPY}",
        )
    return problem(NAME, "not set", why="the receiver does not start without it", do=COPY)


def other_in_file(settings: Settings) -> Iterator[Finding]:
    """What a first start made, and a start without the variable would take."""
    made = settings.secret_path
    if not (settings.is_local and settings.secrets and made.exists()):
        return
    if made.read_text().strip().encode() not in settings.secrets.values:
        yield advice(
            NAME,
            f"{made} holds another secret",
            why="a start without the variable would use it, and refuse what InboundFlow sends",
            do="put the one that InboundFlow signs with into both, once a change of secrets is over",
        )


def oddities(name: str, text: str) -> Iterator[Finding]:
    """What copying does to a secret."""
    value = text.strip()
    if value[0] in "\"'" or value[-1] in "\"'":
        yield problem(
            name, "it has quotation marks around it", why="they count as part of the secret", do="remove them"
        )
    elif any(c.isspace() for c in value):
        yield advice(
            name, "it has a space or a line end in it", why="few secrets have one: copying may have put it in", do=COPY
        )
    elif len(value) < SHORTEST:
        yield problem(
            name, f"it has under {SHORTEST} characters", why="it can be guessed, or is half of the secret", do=COPY
        )
    elif value != text:
        yield advice(
            name,
            "it has a space or a line end around it",
            why="the receiver drops it, other programs may not",
            do="remove it where the variable is set",
        )
    else:
        yield fine(name, "set" if name == NAME else f"set: what is signed with it is taken beside {NAME}")
