"""The page of what people did."""

from .plural import Texts

# fmt: off
TEXTS: Texts = {
    "history_empty": ("Nothing was done here yet.", "Aquí todavía no se ha hecho nada."),
    "history_none": ("Nothing matches.", "Nada coincide."),
    "history_when": ("When", "Cuándo"),
    "history_who": ("Who", "Quién"),
    "history_what": ("What", "Qué"),
    "history_detail": ("Details", "Detalles"),
    "history_day": ("Day", "Día"),
    "history_all": ("all", "todo"),
    "history_show": ("Show", "Mostrar"),
    "history_older": ("Show older", "Ver anteriores"),
    "history_csv": ("Save as a table (CSV)", "Guardar como tabla (CSV)"),
    "history_command": ("the command line", "la línea de comandos"),
    "deed_sign-in": ("Signed in", "Inició sesión"),
    "deed_sign-out": ("Signed out", "Cerró sesión"),
    "deed_sign-out-all": ("Signed everybody out", "Cerró todas las sesiones"),
    "deed_wrong-password": ("Wrong password", "Contraseña incorrecta"),
    "deed_saw-number": ("Saw a number", "Vio un número"),
    "deed_saw-numbers": ("Showed all numbers", "Mostró todos los números"),
    "deed_saw-report": ("Saw what InboundFlow sent", "Vio lo que envió InboundFlow"),
    "deed_call-back": ("Marked a call-back", "Marcó una llamada por devolver"),
    "deed_show-secret": ("Saw the signing secret", "Vio el secreto de firma"),
    "deed_replay": ("Sent again", "Envió de nuevo"),
    "deed_cancel": ("Marked as not needed", "Marcó como no necesario"),
    "deed_pause": ("Paused", "Pausó"),
    "deed_resume": ("Resumed", "Reanudó"),
    "deed_recheck": ("Took in what had been refused", "Recuperó lo rechazado"),
    "deed_erase": ("Erased a person", "Borró a una persona"),
    "deed_prune": ("Removed what is old", "Quitó lo antiguo"),
    "deed_person-add": ("Added a person", "Añadió a una persona"),
    "deed_person-role": ("Changed what a person may do", "Cambió lo que puede hacer una persona"),
    "deed_person-password": ("Changed a person's password", "Cambió la contraseña de una persona"),
    "deed_person-remove": ("Removed a person", "Quitó a una persona"),
    "deed_reopen": ("Sent to the present address", "Envió a la dirección actual"),
}
# fmt: on
