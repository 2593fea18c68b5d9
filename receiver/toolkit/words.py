"""The words of messages and of what is written into a CRM, in the languages that a business may read."""

from __future__ import annotations

SPANISH = {
    "Call completed": "Llamada terminada",
    "Call transferred": "Llamada transferida",
    "Appointment booked": "Cita reservada",
    "New lead": "Nuevo interesado",
    "Another event": "Otro aviso",
    "New call": "Nueva llamada",
    "Urgent call": "Llamada urgente",
    "Calls of the day": "Llamadas del día",
    "more calls": "llamadas más",
    "Open the message to read it.": "Abre el mensaje para leerlo.",
    "Sent by your InboundFlow receiver.": "Enviado por tu receptor de InboundFlow.",
    "Unknown caller": "Llamada sin nombre",
    "number withheld": "número oculto",
    "Urgent": "Urgente",
    "Name": "Nombre",
    "Phone": "Teléfono",
    "E-mail": "Correo",
    "Intent": "Motivo",
    "Urgency": "Urgencia",
    "Called": "Llamó",
    "Duration": "Duración",
    "Appointment": "Cita",
    "Service": "Servicio",
    "Transferred to": "Transferida a",
    "Reason": "Causa",
    "Interest": "Interés",
    "Listen to the recording": "Escuchar la grabación",
    "Open in the calendar": "Abrir en el calendario",
    "Call": "Llamada",
    "unknown": "desconocida",
    "low": "baja",
    "medium": "media",
    "high": "alta",
    "urgent": "urgente",
    "critical": "crítica",
    "Call from {who}": "Llamada de {who}",
    "a colleague": "alguien del equipo",
    "an unknown caller": "número desconocido",
    "Booked, time not understood": "Reservada, hora no entendida",
    "Transferred because": "Transferida porque",
    "Date": "Fecha",
    "Time": "Hora",
    "Recording": "Grabación",
    "replies of others in the thread {thread}: {number}": "respuestas de otras personas en el hilo {thread}: {number}",
    "{number} people here have this number or address; this is kept on the one that was changed last.": (
        "{number} personas tienen aquí este número o esta dirección; esto queda en la que se modificó la última."
    ),
}


def say(words: str, language: str, **parts: str) -> str:
    """English words in the business's language, `en` or `es`, with their parts filled in; as they are where there is no
    translation.
    """
    said = SPANISH.get(words, words) if language == "es" else words
    return said.format(**parts) if parts else said
