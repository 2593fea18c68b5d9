"""Settings of businesses that nothing reads: what read them was a plug-in, or a handler's file, that is gone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..locales import Texts
from ..operations import Finding, problem, unread
from ..registry import Activation
from ..settings import Settings
from ..store import Database

# fmt: off
TEXTS = Texts({
    "unread": ("{names} of {businesses}: nothing reads that", "{names} de {businesses}: nada lee eso"),
    "more":   ("{business} and {n} more", "{business} y {n} más"),
    "why":    ("the plug-in or the handler's file that reads it is missing, so nothing is brought to its destination",
               "falta el plug-in o el archivo del handler que lo lee, así que a su destino no se lleva nada"),
    "do":     ("install it again into the receiver's environment and start again; then send again what came meanwhile "
               "(replay --dry-run shows it). Or remove the variable, with an empty value in `sources set`",
               "instálalo otra vez en el entorno del receptor y reinicia; después reenvía lo que llegó entretanto "
               "(replay --dry-run lo muestra). O quita la variable, con un valor vacío en `sources set`"),
})
# fmt: on


def check_unread(db: Database, settings: Settings, activations: Sequence[Activation]) -> Iterator[Finding]:
    """One for all variables of the same businesses. Raises StoreError, ConfigurationError."""
    handlers = {activation.handler.name: activation.handler for activation in activations}
    variables: dict[tuple[str, ...], list[str]] = {}
    for name, businesses in unread(db, settings, handlers.values()).items():
        variables.setdefault(tuple(sorted(businesses)), []).append(name)
    for (first, *others), names in sorted(variables.items()):
        of = TEXTS("more", business=first, n=len(others)) if others else first
        message = TEXTS("unread", names=", ".join(sorted(names)), businesses=of)
        yield problem("variables", message, why=TEXTS("why"), do=TEXTS("do"), source="" if others else first)
