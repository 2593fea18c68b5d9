"""What stands on every page."""

from .plural import Plural, Texts

# fmt: off
TEXTS: Texts = {
    "calls_of": ("Calls", "Llamadas"),  # the name of a business that has none
    "skip": ("Skip to the content", "Ir al contenido"),
    "nav": ("Pages", "Páginas"),
    "nav_today": ("Today", "Hoy"),
    "nav_callbacks": ("Call-backs", "Por llamar"),
    "nav_calls": ("Calls", "Llamadas"),
    "nav_problems": ("Problems", "Problemas"),
    "nav_more": ("More", "Más"),
    "nav_destinations": ("Destinations", "Destinos"),
    "nav_connection": ("Connection", "Conexión"),
    "nav_deliveries": ("All reports", "Todos los avisos"),
    "nav_connect": ("Connect InboundFlow", "Conectar InboundFlow"),
    "nav_settings": ("Settings", "Configuración"),
    "nav_history": ("History", "Historial"),
    "nav_erase": ("Erase a person", "Borrar a una persona"),
    "nav_help": ("Help", "Ayuda"),
    "language": ("Language", "Idioma"),
    "lang_en": ("English", "English"),
    "lang_es": ("Español", "Español"),
    "version": ("Version {version}", "Versión {version}"),
    "signed_in_as": ("Signed in as {name}", "Sesión de {name}"),
    "sign_out": ("Sign out", "Cerrar sesión"),
    "attention": ("Attention", "Atención"),
    "banner_more": (Plural("and 1 more", "and {n} more"), Plural("y 1 más", "y {n} más")),
    "banner_look": ("See what to do", "Mira qué hacer"),
    "alarm_no_store": ("New calls cannot be stored just now, and InboundFlow counts each as a failure. Tell "
                       "whoever runs this at once.",
                       "Ahora no se pueden guardar llamadas nuevas, e InboundFlow cuenta cada una como fallo. Avisa ya "
                       "a quien administra esto."),
    "alarm_off": ("InboundFlow has probably stopped reporting calls. Connect it again there, then press "
                  "“Probar Webhook”.",
                  "Es probable que InboundFlow haya dejado de avisar de las llamadas. Conéctalo de nuevo allí y "
                  "pulsa «Probar Webhook»."),
    "alarm_lives": ("{n} of 10 lives lost: reports of calls are being turned away.",
                    "Se perdieron {n} de las 10 vidas: hay avisos de llamadas que no se aceptan."),
    "alarm_no_worker": ("Calls are kept, but nothing is being sent: whoever runs this has to start the worker.",
                        "Las llamadas se guardan, pero no se envía nada: quien administra esto debe iniciar el proceso "
                        "de envío (worker)."),
    "alarm_on_hold": (Plural("{place} is on hold: 1 call waits for it.", "{place} is on hold: {n} calls wait for it."),
                      Plural("{place} está en pausa: 1 llamada espera.",
                             "{place} está en pausa: {n} llamadas esperan.")),
    "alarm_half_set": ("{place} is not set up completely: nothing reaches it.",
                       "A {place} le falta configuración: no le llega nada."),
    "alarm_dead": (Plural("1 call did not arrive everywhere.", "{n} calls did not arrive everywhere."),
                   Plural("1 llamada no llegó a todas partes.", "{n} llamadas no llegaron a todas partes.")),
    "alarm_redis": ("What is to be sent stands still for the moment; nothing is lost, and it goes on by itself. If "
                    "this stays, tell whoever runs this.",
                    "Lo que se iba a enviar está parado por el momento; no se pierde nada y continúa por sí solo. Si "
                    "esto no se quita, avisa a quien administra esto."),
    "stale": ("Not up to date since {at}.", "Sin actualizar desde las {at}."),
    "unknown": ("unknown", "desconocido"),
    "business": ("Business", "Negocio"),
    "business_show": ("Show", "Ver"),
    "back": ("Back", "Volver"),
    "again": ("Try again", "Reintentar"),
    "home": ("Back to Today", "Volver a Hoy"),
    "form_errors": ("Something is missing:", "Falta algo:"),
    "age_now": ("just now", "ahora mismo"),
    "hidden_number": ("hidden number", "número oculto"),
    "unknown_caller": ("Unknown caller", "Sin nombre"),
    "today": ("today", "hoy"),
    "yesterday": ("yesterday", "ayer"),
}
# fmt: on
