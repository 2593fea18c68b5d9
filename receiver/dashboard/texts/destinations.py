"""Destinations: does each work, and how far behind is it."""

from .plural import Plural, Texts

# fmt: off
TEXTS: Texts = {
    "destinations_none": ("Calls are kept and go nowhere yet. Choose a destination: the recipes say how.",
                          "Las llamadas se guardan y aún no van a ninguna parte. Elige un destino: las recetas dicen "
                          "cómo."),
    "place_works": ("Works", "Funciona"),
    "place_half_set": ("Not set up", "Falta configurar"),
    "place_on_hold": ("{word} since {since}", "{word} desde {since}"),
    "place_retrying_at": ("{word} at {at}", "{word} a las {at}"),
    "place_some_dead": ("Some did not arrive", "Algunas no llegaron"),
    "place_address": ("Address", "Dirección"),
    "place_waiting": ("Reports that wait", "Avisos que esperan"),
    "place_oldest": ("the oldest: {ago}", "el más antiguo: {ago}"),
    "place_last": ("Last report that arrived", "Último aviso que llegó"),
    "place_never": ("none yet", "ninguno aún"),
    "place_day": (Plural("1 in 24 hours", "{n} in 24 hours"), Plural("1 en 24 horas", "{n} en 24 horas")),
    "place_failed": ("Reports that failed", "Avisos fallidos"),
    "place_dead": (Plural("1 did not arrive", "{n} did not arrive"), Plural("1 no llegó", "{n} no llegaron")),
    "place_retrying": (Plural("1 trying again", "{n} trying again"),
                       Plural("1 se reintenta", "{n} se reintentan")),
    "place_pace": ("Pace", "Ritmo"),
    "place_pace_s": (Plural("one a second", "one every {n} seconds"),
                     Plural("una por segundo", "una cada {n} segundos")),
    "place_pace_per": (Plural("1 a second", "{n} a second"), Plural("1 por segundo", "{n} por segundo")),
    "place_pace_none": ("as fast as it answers", "tan rápido como responda"),
    "place_events": ("Gets", "Recibe"),
    "place_signed": ("Signed", "Firmado"),
    "place_signed_yes": ("yes", "sí"),
    "place_signed_no": ("no: who receives it cannot tell it from a forgery",
                        "no: quien lo recibe no puede distinguirlo de una falsificación"),
    "pause_ask": ("Pause…", "Pausar…"),
    "pause_why": ("Why?", "¿Por qué?"),
    "pause_now": ("Pause now", "Pausar ahora"),
}
# fmt: on
