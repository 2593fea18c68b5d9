"""The texts of the frame around each page, and of the pages on which a webhook is set up."""

from __future__ import annotations

# Read as a table: a name, Spanish, English.
# fmt: off
SETTING_UP: dict[str, tuple[str, ...]] = {
    # The frame
    "brand_note": ("simulado", "simulated"),
    "settings": ("Configuración", "Settings"),
    "integrations": ("Integraciones", "Integrations"),
    "language": ("Idioma", "Language"),
    "lang_es": ("Español", "Español"),
    "lang_en": ("English", "English"),
    "skip": ("Ir al contenido", "Skip to content"),
    "foot": (
        "Esto imita el panel de InboundFlow en tu equipo, según su documentación. No es de InboundFlow.",
        "This plays InboundFlow’s panel on your machine, after its documentation. It is not InboundFlow’s.",
    ),
    # Integraciones
    "integrations_lead": (
        "Envía lo que pasa en cada llamada a otra aplicación.", "Send what happens in each call to another application."
    ),
    "kind_zapier": ("Zapier", "Zapier"),
    "kind_make": ("Make", "Make"),
    "kind_n8n": ("n8n", "n8n"),
    "kind_custom": ("Webhook Personalizado", "Custom webhook"),
    "about_zapier": ("Inicia un Zap con cada evento.", "Start a Zap with each event."),
    "about_make": ("Inicia un escenario de Make (Integromat).", "Start a scenario of Make (Integromat)."),
    "about_n8n": ("Inicia un flujo de trabajo de n8n.", "Start an n8n workflow."),
    "about_custom": ("Cualquier URL que acepte un POST por HTTP.", "Any URL that accepts an HTTP POST."),
    "connect": ("Conectar", "Connect"),
    "connect_kind": ("Conectar {kind}", "Connect {kind}"),
    "yours": ("Tus conexiones", "Your connections"),
    "yours_none": (
        "Todavía no hay ninguna. Pulsa «Conectar» en una de las integraciones.",
        "There is none yet. Press “Connect” on one of the integrations.",
    ),
    "available": ("Disponibles", "Available"),
    "active": ("Activa", "Active"),
    "disabled": ("Desactivada", "Disabled"),
    "of_lives": ("{n} de {lives} fallos seguidos", "{n} of {lives} failures in a row"),
    # The form
    "edit_of": ("Ajustes de {name}", "Settings of {name}"),
    "cancel": ("Cancelar", "Cancel"),
    "step_url": ("URL del webhook", "Webhook URL"),
    "url_hint": (
        "Debe ser HTTPS. Se admite http solo para este mismo equipo (127.0.0.1).",
        "It must be HTTPS. Plain http is for this machine only (127.0.0.1).",
    ),
    "secret": ("Secreto de firma", "Signing secret"),
    "guess": ("suposición nuestra", "our guess"),
    "secret_guess": (
        "La documentación no dice dónde está este campo; lo ponemos aquí. Tu receptor necesita el mismo.",
        "The documentation does not say where this field stands; we put it here. Your receiver needs the same one.",
    ),
    "secret_kept": ("•••••••• guardado: escribe para cambiarlo", "•••••••• saved: type to change it"),
    "secret_none": ("sin secreto no se firma", "nothing is signed without one"),
    "secret_forget": ("Quitar el secreto guardado", "Remove the saved secret"),
    "make_secret": ("Crear uno", "Make one"),
    "secret_made": ("Cópialo ahora a tu receptor: al guardar ya no se mostrará.",
                    "Copy it to your receiver now: once saved it is not shown again."),
    "step_events": ("Eventos", "Events"),
    "events_hint": ("Elige qué quieres recibir.", "Choose what you want to receive."),
    "event_call.completed": ("Una llamada terminó", "A call was completed"),
    "event_call.transferred": ("La IA transfirió una llamada", "The AI transferred a call"),
    "event_appointment.booked": ("La IA reservó una cita", "The AI booked an appointment"),
    "event_lead.created": ("Un nuevo interesado", "A new prospect"),
    "event_other": ("No está en la documentación", "Not in the documentation"),
    "step_test": ("Probar", "Test"),
    "test_hint": (
        "Envía una muestra del primer evento elegido a esta URL, sin guardar nada. No cuenta como fallo.",
        "Sends a sample of the first chosen event to this URL and saves nothing. It does not count as a failure.",
    ),
    "test": ("Probar Webhook", "Test webhook"),
    "testing": ("Probando…", "Testing…"),
    "step_save": ("Guardar", "Save"),
    "save": ("Guardar", "Save"),
    "save_hint": ("Desde ese momento recibe lo que pase.", "From then on it receives what happens."),
    "advanced": ("Opciones avanzadas", "Advanced options"),
    "advanced_note": (
        "La documentación no habla de reintentos: elige cómo se comporta esta imitación.",
        "The documentation says nothing of retries: choose how this imitation behaves.",
    ),
    "name": ("Nombre", "Name"),
    "retries": ("Reintentos", "Retries"),
    "retries_none": ("ninguno: cada entrega se envía una vez", "none: each delivery is sent once"),
    "retries_slack": ("como Slack: tres en seis minutos", "like Slack: three within six minutes"),
    "retries_standard-webhooks": (
        "como Standard Webhooks: nueve en tres días", "like Standard Webhooks: nine over three days"
    ),
    "retries_svix": ("como Svix: siete en 28 horas", "like Svix: seven over 28 hours"),
    "retries_eager": ("impacientes: cinco, uno por segundo", "eager: five, one a second"),
    "signature": ("Firma de un reintento", "Signature of a retry"),
    "fresh": ("nueva, con la hora del reintento", "fresh, with the time of the retry"),
    "same": ("la misma del primer intento", "the same as the first attempt’s"),
    # What is wrong with a field
    "error_summary": ("Corrige lo que está marcado y vuelve a intentarlo.", "Correct what is marked, and try again."),
    "error_no_url": ("Pega aquí la URL de tu receptor.", "Paste your receiver’s URL here."),
    "error_https": (
        "Tiene que empezar por https:// (http solo vale para 127.0.0.1).",
        "It has to begin with https:// (http is for 127.0.0.1 only).",
    ),
    "error_url": (
        "Esto no es una dirección web. Debería parecerse a https://example.com/webhooks/inboundflow",
        "This is not a web address. It should look like https://example.com/webhooks/inboundflow",
    ),
    "error_events": ("Elige al menos un evento.", "Choose at least one event."),
    "error_name": ("Ya hay una conexión con ese nombre: elige otro.", "That name is taken: choose another."),
    "error_no_name": ("Ponle un nombre.", "Give it a name."),
    "error_retries": ("Elige uno de la lista.", "Choose one of the list."),
}
