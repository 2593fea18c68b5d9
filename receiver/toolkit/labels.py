"""The words of messages, in the languages that a business may read."""

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
}


def say(words: str, language: str) -> str:
    """A message's English words in the business's language, `en` or `es`; unchanged where there is no translation."""
    return SPANISH.get(words, words) if language == "es" else words
