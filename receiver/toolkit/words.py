"""The words that are written into a CRM, in the languages that a business may read."""

from __future__ import annotations

SPANISH = {
    "Call from {who}": "Llamada de {who}",
    "a colleague": "alguien del equipo",
    "an unknown caller": "número desconocido",
    "Appointment": "Cita",
    "New lead": "Nuevo interesado",
    "Booked, time not understood": "Reservada, hora no entendida",
    "Name": "Nombre",
    "Phone": "Teléfono",
    "E-mail": "Correo",
    "Intent": "Motivo",
    "Urgency": "Urgencia",
    "Interest": "Interés",
    "Transferred because": "Transferida porque",
    "Date": "Fecha",
    "Time": "Hora",
    "Recording": "Grabación",
    "low": "baja",
    "medium": "media",
    "high": "alta",
    "urgent": "urgente",
    "critical": "crítica",
    "{number} people here have this number or address; this is kept on the one that was changed last.": (
        "{number} personas tienen aquí este número o esta dirección; esto queda en la que se modificó la última."
    ),
}


def in_language(words: str, language: str, **parts: str) -> str:
    """The words in English or Spanish, with their parts filled in."""
    return (SPANISH.get(words, words) if language == "es" else words).format(**parts)
