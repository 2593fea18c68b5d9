"""The page of help."""

from .plural import Texts

# fmt: off
TEXTS: Texts = {
    "help_title": ("Help", "Ayuda"),
    "help_today": ("How the day goes and whether every call arrived where it should.",
                   "Cómo va el día y si cada llamada llegó a donde debía."),
    "help_callbacks": ("Whom to call back now. Mark each one when you have called: it leaves the list.",
                       "A quién llamar ahora. Marca cada una cuando hayas llamado y saldrá de la lista."),
    "help_calls": ("Every call. Search by name, by the last digits of a number, or by the call's id.",
                   "Todas las llamadas. Busca por nombre, por los últimos dígitos o por el id de la llamada."),
    "help_problems": ("What did not arrive, why, and the button that puts it right.",
                      "Lo que no llegó, por qué, y el botón que lo arregla."),
    "help_marks": ("Marks", "Señales"),
    "help_arrived": ("It is where it should be.", "Está donde debe estar."),
    "help_trying": ("It is tried again by itself. Nothing to do.", "Se reintenta por sí solo. No hay que hacer nada."),
    "help_dead": ("It did not arrive, and is not tried again before somebody presses Send again.",
                  "No llegó, y no se reintenta hasta que alguien presione Enviar de nuevo."),
    "help_hold": ("It waits, as its destination was stopped. It goes on when that is resumed.",
                  "Espera, porque su destino está detenido. Continúa cuando se reanude."),
    "help_connection": ("Whether InboundFlow reaches us, and how to see there whether the webhook is still active.",
                        "Si InboundFlow nos alcanza, y cómo ver allí si el webhook sigue activo."),
    "help_erase": ("Somebody wants their data gone: you see first what would be erased, and what lies elsewhere.",
                   "Alguien pide que se borren sus datos: ves primero qué se borraría y qué queda en otros sitios."),
    "help_numbers": ("Phone numbers are shown in part. Who shows a whole one is written down in History.",
                     "Los números se muestran en parte. Quien muestra uno completo queda en el Historial."),
}
# fmt: on
