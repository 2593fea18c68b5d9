"""What a message says in its own words, in each language."""

from __future__ import annotations

from receiver import AppointmentBooked, CallCompleted, CallTransferred, Event, LeadCreated

# The kinds in the order in which a thread's first message names them, whatever order they came in.
KINDS: tuple[type[Event], ...] = (CallCompleted, CallTransferred, AppointmentBooked, LeadCreated)

TITLES: dict[str, dict[type[Event], str]] = {
    "en": {
        CallCompleted: "Call completed",
        CallTransferred: "Call transferred",
        AppointmentBooked: "Appointment booked",
        LeadCreated: "New lead",
    },
    "es": {
        CallCompleted: "Llamada terminada",
        CallTransferred: "Llamada transferida",
        AppointmentBooked: "Cita reservada",
        LeadCreated: "Nuevo cliente potencial",
    },
}

# attribute of the events, and its label
LABELS: dict[str, dict[str, str]] = {
    "en": {
        "caller_phone": "Phone",
        "caller_email": "E-mail",
        "intent": "Intent",
        "urgency": "Urgency",
        "appointment_time_start": "Appointment",
        "service_type": "Service",
        "interest": "Interest",
        "transferred_to_label": "Transferred to",
        "reason": "Reason",
        "duration_seconds": "Duration",
    },
    "es": {
        "caller_phone": "Teléfono",
        "caller_email": "Correo",
        "intent": "Motivo",
        "urgency": "Urgencia",
        "appointment_time_start": "Cita",
        "service_type": "Servicio",
        "interest": "Interés",
        "transferred_to_label": "Transferida a",
        "reason": "Razón",
        "duration_seconds": "Duración",
    },
}

LINKS: dict[str, dict[str, str]] = {
    "en": {"recording_url": "Listen to the recording", "calendar_event_link": "Open in the calendar"},
    "es": {"recording_url": "Escuchar la grabación", "calendar_event_link": "Abrir en el calendario"},
}

PHRASES: dict[str, dict[str, str]] = {
    "en": {
        "from": "Call from {who}",
        "urgent": "Urgent: call from {who}",
        "nobody": "an unknown caller",
        "odd": "An event of an unknown kind",
        "call": "Call",
        "unknown": "unknown",
    },
    "es": {
        "from": "Llamada de {who}",
        "urgent": "Urgente: llamada de {who}",
        "nobody": "alguien desconocido",
        "odd": "Un evento de tipo desconocido",
        "call": "Llamada",
        "unknown": "desconocida",
    },
}
