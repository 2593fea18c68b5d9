"""Every text of the page, in both languages."""

from __future__ import annotations

LANGUAGES = ("en", "es")

# Read as a table: a name, English, Spanish.
# fmt: off
TEXTS: dict[str, tuple[str, str]] = {
    "title": ("What has arrived", "Lo que ha llegado"),
    "about": ("Played destinations on this machine: nothing here leaves it.",
              "Destinos simulados en este equipo: nada de esto sale de él."),
    "language": ("Language", "Idioma"),
    "lost": ("The played destinations have ended. This is how they stood.",
             "Los destinos simulados han terminado. Así quedaron."),
    "nothing": ("Nothing has arrived yet. This page shows it by itself when it does.",
                "Todavía no ha llegado nada. Cuando llegue, esta página lo muestra sola."),
    "nothing_at": ("Nothing has arrived yet at: {names}.", "Todavía no ha llegado nada a: {names}."),
    "earlier": ("… and {n} earlier", "… y {n} anteriores"),
    "more": ("… and {n} more", "… y {n} más"),
    "slack": ("Slack", "Slack"),
    "sheets": ("Google Sheets", "Google Sheets"),
    "mail": ("E-mail", "Correo"),
    "hubspot": ("HubSpot", "HubSpot"),
    "salesforce": ("Salesforce", "Salesforce"),
    "requests": ("Requests", "Peticiones"),
    "slack_about": ("the channel, newest call first", "el canal, primero la llamada más reciente"),
    "sheets_about": ("a tab for each kind of event", "una pestaña por tipo de evento"),
    "mail_about": ("the mailbox, newest first", "el buzón, primero lo más reciente"),
    "hubspot_about": ("the contacts, with their calls, meetings and notes",
                      "los contactos, con sus llamadas, reuniones y notas"),
    "salesforce_about": ("leads and contacts, with their tasks and events",
                         "interesados y contactos, con sus tareas y eventos"),
    "requests_about": ("what your URL, Zapier, Make and n8n were sent",
                       "lo que han recibido tu URL, Zapier, Make y n8n"),
    "app": ("APP", "APP"),
    "edited": ("(edited)", "(editado)"),
    "replies": ("{n} replies", "{n} respuestas"),
    "reply": ("1 reply", "1 respuesta"),
    "call": ("Call", "Llamada"),
    "meeting": ("Meeting", "Reunión"),
    "note": ("Note", "Nota"),
    "task": ("Task", "Tarea"),
    "contact": ("Contact", "Contacto"),
    "lead": ("Lead", "Interesado"),
    "nobody": ("Without a contact", "Sin contacto"),
    "unnamed": ("(no name)", "(sin nombre)"),
    "columns": ("columns not shown: {n}", "columnas que no se muestran: {n}"),
    "request": ("{n}. {event}", "{n}. {event}"),
    "no_event": ("no event named", "sin evento"),
}
# fmt: on


def say(key: str, lang: str, **values: object) -> str:
    """Raises KeyError for a text that does not exist, or a value it lacks."""
    return TEXTS[key][LANGUAGES.index(lang)].format(**values)
