"""How near InboundFlow is to disabling the webhook, in words."""

from __future__ import annotations

import contextlib
from dataclasses import asdict, dataclass
from typing import Any

from .. import inbox
from ..errors import StoreError
from ..inbox import LIVES, Lost
from ..locales import Locale, Texts, localized
from ..store import Database
from .documents import columns_to_json

DEGRADED_FROM = 3  # one or two may be somebody's trial
# fmt: off
TEXTS = Texts({
    "lives":  ("{lost} of {lives} lives lost; the next success resets it.",
               "{lost} de {lives} vidas perdidas; el próximo éxito las devuelve todas."),
    "off":    ("{lives} of {lives} lives lost: InboundFlow has probably disabled the webhook. Fix the cause, then "
               "reconnect it there under Configuración → Integraciones.",
               "{lives} de {lives} vidas perdidas: es probable que InboundFlow haya desactivado el webhook. Corrige "
               "la causa y reconéctalo allí en Configuración → Integraciones."),
    "unseen": ("Not counted, as it cannot be seen from here: requests that timed out or never arrived (DNS, "
               "certificate, a proxy's own answer, a sleeping host).",
               "Sin contar, porque desde aquí no se ve: solicitudes sin respuesta a tiempo o que nunca llegaron (DNS, "
               "certificado, una respuesta del propio proxy, un servidor dormido)."),
})
# fmt: on
UNSEEN = TEXTS("unseen")


@dataclass(frozen=True, kw_only=True)
class Lives:
    """How many of InboundFlow's ten consecutive failures of a source have been seen."""

    source: str
    lost: int
    since_us: int
    last_us: int
    reasons: dict[str, int]

    def to_json(self) -> dict[str, Any]:
        return columns_to_json(asdict(self)) | {"lives": LIVES}

    def describe(self, language: str = "en") -> str:
        text = TEXTS("off" if self.lost >= LIVES else "lives", lost=self.lost, lives=LIVES)
        return text if language == "en" else localized(text, Locale(language=language))


def lives_lost(db: Database) -> list[Lives]:
    """Of each source that has lost some. Raises StoreError."""
    names = [row["source"] for row in db.read("SELECT DISTINCT source FROM lost_lives ORDER BY source")]
    return [lives_of(name, lost) for name in names if (lost := inbox.lost_lives(db, name)).lost]


def lives_of(source: str, lost: Lost) -> Lives:
    return Lives(
        source=source, lost=lost.lost, since_us=lost.since_us, last_us=lost.last_us, reasons=dict(lost.reasons)
    )


def lives_problem(db: Database) -> str:
    """For readyz: the worst, from three lost lives on; "" where all is well."""
    with contextlib.suppress(StoreError):  # the tables come with the next migration
        worst = max(lives_lost(db), key=lambda each: each.lost, default=None)
        if worst and worst.lost >= DEGRADED_FROM:
            return f"{worst.describe()} {UNSEEN}"
    return ""
