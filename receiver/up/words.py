"""The texts of the demo, in both languages."""

from __future__ import annotations

LANGUAGES = ("en", "es")

# Read as a table: a name, English, Spanish.
# fmt: off
TEXTS: dict[str, tuple[str, str]] = {
    "starting": ("Starting the receiver, and a Slack, a Google Sheets, a mailbox and a HubSpot\n"
                 "that are played on this machine …",
                 "Arrancan el receptor y un Slack, un Google Sheets, un buzón y un HubSpot\n"
                 "simulados en este equipo …"),
    "not_ready": ("The receiver did not become ready within {n} s. Its log ends so:\n\n{log}\n\nThe whole log: {path}",
                  "El receptor no estuvo listo en {n} s. Su registro termina así:\n\n{log}\n\n"
                  "El registro entero: {path}"),
    "call": ("\nA phone call comes in. InboundFlow reports four events of it, each one signed:",
             "\nEntra una llamada. InboundFlow informa de cuatro eventos, cada uno firmado:"),
    "event": ("event", "evento"),
    "answer": ("answer", "respuesta"),
    "took": ("took", "tardó"),
    "people_see": ("This is what people see now:", "Esto es lo que ve ahora la gente:"),
    "missing": ("After {n} s these have not arrived:", "Tras {n} s no han llegado:"),
    "not_sent": ("  {n} events were not sent", "  {n} eventos no se enviaron"),
    "log_ends": ("\nThe log ends so:\n\n{log}\n\nThe whole log: {path}",
                 "\nEl registro termina así:\n\n{log}\n\nEl registro entero: {path}"),
    "arrived": ("Everything arrived. The inbox is {inbox}.\nThe log is in {log}.",
                "Todo ha llegado. La bandeja de entrada es {inbox}.\nEl registro está en {log}."),
    "page": ("\nLook at it in a browser:\n  {page}", "\nMíralo en un navegador:\n  {page}"),
    "another": ("\nSend another call, in a second terminal, and watch it arrive there:\n  {command}",
                "\nEnvía otra llamada desde una segunda terminal y mira ahí cómo llega:\n  {command}"),
    "next": ("\nThe next step, with a Slack of your own (README.md has the others):\n  {command}",
             "\nEl siguiente paso, con tu propio Slack (README.es.md tiene los demás):\n  {command}"),
    "dashboard": ("\nThe dashboard, where calls are looked up:\n  {link}\nThe link signs in once, within {n} minutes.",
                  "\nEl panel, donde se consultan las llamadas:\n  {link}\n"
                  "El enlace sirve una sola vez, durante {n} minutos."),
    "doctor": ("\nIn other terminals the commands look at your own folder.\nThis one looks at the demo's:\n  {command}",
               "\nEn otras terminales los comandos miran tu propia carpeta.\nEste mira la de la demo:\n  {command}"),
    "refused": ("\nA delivery was refused ({reason}). The log says more:\n  {log}",
                "\nSe rechazó una entrega ({reason}). El registro dice más:\n  {log}"),
    "refused_secret": ("\nA delivery was refused ({reason}).\nSign it with the secret of this demo: {secret}",
                       "\nSe rechazó una entrega ({reason}).\nFírmala con el secreto de firma de esta demo: {secret}"),
    "end": ("\nCtrl-C ends the demo.", "\nCtrl-C termina la demo."),
    "ended": ("\nThe demo has ended.", "\nLa demo ha terminado."),
}
# fmt: on


def say(key: str, lang: str, **values: object) -> str:
    """Raises KeyError for a text that does not exist, or a value it lacks."""
    return TEXTS[key][LANGUAGES.index(lang)].format(**values)
