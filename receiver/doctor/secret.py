"""The signing secret: whether deliveries can be told from anybody's requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..locales import Texts
from ..operations import Finding, advice, command, fine, path_of, problem
from ..registry import Activation
from ..settings import Settings

NAME, PREVIOUS = "INBOUNDFLOW_SIGNING_SECRET", "INBOUNDFLOW_SIGNING_SECRET_PREVIOUS"
SHORTEST = 16  # characters: anything shorter can be guessed, or is half of what was to be copied
# fmt: off
TEXTS = Texts({
    "copy":       ("in InboundFlow open Configuración → Integraciones → your webhook, and copy its secret into this "
                   "variable",
                   "en InboundFlow abre Configuración → Integraciones → tu webhook y copia su secreto de firma en esta "
                   "variable"),
    "unsigned":   ("deliveries are taken without a signature", "se aceptan entregas sin firma"),
    "unsigned_why": ("anybody who knows the address can make up calls",
                     "cualquiera que conozca la dirección puede inventar llamadas"),
    "unsigned_do": ("remove INBOUNDFLOW_ALLOW_UNSIGNED, and set {name}",
                    "quita INBOUNDFLOW_ALLOW_UNSIGNED y define {name}"),
    "same":       ("it is the same as {name}", "es igual que {name}"),
    "same_why":   ("during a change of secrets one of the two has to be the old one",
                   "durante un cambio de secreto, uno de los dos tiene que ser el antiguo"),
    "same_do":    ("put the new secret into {name}, or remove {previous} when the change is over",
                   "pon el secreto nuevo en {name}, o quita {previous} cuando termine el cambio"),
    "made":       ("not set for this command; without it `{up}` uses the secret in {path}",
                   "sin definir para este comando; sin ella `{up}` usa el secreto de {path}"),
    "local":      ("not set for this command", "sin definir para este comando"),
    "local_why":  ("on your own machine `{up}` makes one; InboundFlow's real deliveries carry another",
                   "en tu equipo `{up}` crea uno; las entregas reales de InboundFlow llevan otro"),
    "local_do":   ("before going live, {copy}", "antes de ponerlo en marcha, {copy}"),
    "sources":    ("not set, and not needed: each business has a secret of its own, and nothing is received at {path}",
                   "sin definir, y no hace falta: cada negocio tiene su propio secreto, y en {path} no se recibe nada"),
    "missing":    ("not set", "sin definir"),
    "missing_why": ("the receiver does not start without it", "sin ella el receptor no arranca"),
    "other":      ("{path} holds another secret", "{path} contiene otro secreto"),
    "other_why":  ("a start without the variable would use it, and refuse what InboundFlow sends",
                   "un arranque sin la variable lo usaría y rechazaría lo que envía InboundFlow"),
    "other_do":   ("put the one that InboundFlow signs with into both, once a change of secrets is over",
                   "pon en ambos el que usa InboundFlow para firmar, cuando termine el cambio de secreto"),
    "quotes":     ("it has quotation marks around it", "tiene comillas alrededor"),
    "quotes_why": ("they count as part of the secret", "cuentan como parte del secreto"),
    "quotes_do":  ("remove them", "quítalas"),
    "space":      ("it has a space or a line end in it", "contiene un espacio o un salto de línea"),
    "space_why":  ("few secrets have one: copying may have put it in",
                   "pocos secretos lo llevan: puede haber entrado al copiar"),
    "short":      ("it has under {n} characters", "tiene menos de {n} caracteres"),
    "short_why":  ("it can be guessed, or is half of the secret", "se puede adivinar, o es medio secreto"),
    "around":     ("it has a space or a line end around it", "tiene un espacio o un salto de línea alrededor"),
    "around_why": ("the receiver drops it, other programs may not", "el receptor lo quita; otros programas quizá no"),
    "around_do":  ("remove it where the variable is set", "quítalo donde se define la variable"),
    "set":        ("set", "definido"),
    "set_beside": ("set: what is signed with it is taken beside {name}",
                   "definido: también se acepta lo firmado con él, además de {name}"),
})
# fmt: on
COPY = TEXTS("copy")


def check_secret(
    settings: Settings, env: Mapping[str, str], activations: Sequence[Activation] = ()
) -> Iterator[Finding]:
    if settings.allow_unsigned:
        yield problem(
            "INBOUNDFLOW_ALLOW_UNSIGNED",
            TEXTS("unsigned"),
            why=TEXTS("unsigned_why"),
            do=TEXTS("unsigned_do", name=NAME),
        )
    if not settings.has_business:
        is_made = settings.is_local and settings.secret_path.exists()
        has_sources = any(activation.source for activation in activations) and not is_made
        yield fine(NAME, TEXTS("sources", path=path_of(""))) if has_sources else missing(settings)
    for name in (NAME, PREVIOUS):
        if env.get(name, "").strip():
            yield from oddities(name, env[name])
    yield from other_in_file(settings)
    if env.get(PREVIOUS, "").strip() and env.get(PREVIOUS, "").strip() == env.get(NAME, "").strip():
        yield problem(
            PREVIOUS,
            TEXTS("same", name=NAME),
            why=TEXTS("same_why"),
            do=TEXTS("same_do", name=NAME, previous=PREVIOUS),
        )


def missing(settings: Settings) -> Finding:
    made = settings.secret_path
    if settings.is_local and made.exists():
        return fine(NAME, TEXTS("made", up=command("up"), path=str(made)))
    if settings.is_local:
        return advice(
            NAME,
            TEXTS("local"),
            why=TEXTS("local_why", up=command("up")),
            do=TEXTS("local_do", copy=COPY),
        )
    return problem(NAME, TEXTS("missing"), why=TEXTS("missing_why"), do=COPY)


def other_in_file(settings: Settings) -> Iterator[Finding]:
    """What a first start made, and a start without the variable would take."""
    made = settings.secret_path
    if not (settings.is_local and settings.secrets and made.exists()):
        return
    if made.read_text().strip().encode() not in settings.secrets.values:
        yield advice(
            NAME,
            TEXTS("other", path=str(made)),
            why=TEXTS("other_why"),
            do=TEXTS("other_do"),
        )


def oddities(name: str, text: str) -> Iterator[Finding]:
    """What copying does to a secret."""
    value = text.strip()
    if value[0] in "\"'" or value[-1] in "\"'":
        yield problem(name, TEXTS("quotes"), why=TEXTS("quotes_why"), do=TEXTS("quotes_do"))
    elif any(c.isspace() for c in value):
        yield advice(name, TEXTS("space"), why=TEXTS("space_why"), do=COPY)
    elif len(value) < SHORTEST:
        yield problem(name, TEXTS("short", n=SHORTEST), why=TEXTS("short_why"), do=COPY)
    elif value != text:
        yield advice(
            name,
            TEXTS("around"),
            why=TEXTS("around_why"),
            do=TEXTS("around_do"),
        )
    else:
        yield fine(name, TEXTS("set") if name == NAME else TEXTS("set_beside", name=NAME))
