"""The page of the settings."""

from .plural import Plural, Texts

# fmt: off
TEXTS: Texts = {
    "settings_why": ("For whoever runs this. Here they can only be read: they are variables in the environment of the "
                     "receiver, which has to be started again after a change.",
                     "Para quien administra esto. Aquí solo se leen: son variables del entorno del receptor, que hay "
                     "que reiniciar después de cambiarlas."),
    "settings_receiver": ("The receiver", "El receptor"),
    "setting_ALERT_DAILY_AT": ("When the day's message is sent", "A qué hora se envía el mensaje del día"),
    "setting_ALERT_EMAIL": ("Who gets alerts by e-mail", "Quién recibe alertas por correo"),
    "setting_ALERT_SLACK_WEBHOOK_URL": ("Where alerts go in Slack", "A qué Slack van las alertas"),
    "setting_ALERT_URL": ("Which address gets alerts", "Qué dirección recibe alertas"),
    "setting_AUDIT_DAYS": ("Days that History is kept", "Días que se guarda el Historial"),
    "setting_BUSINESS_CLOSED_ON": ("Days on which you are closed", "Días en que cierran"),
    "setting_BUSINESS_LANGUAGE": ("Language", "Idioma"),
    "setting_BUSINESS_NAME": ("Name of the business", "Nombre del negocio"),
    "setting_BUSINESS_TIMEZONE": ("Time zone", "Zona horaria"),
    "setting_DASHBOARD_PASSWORD": ("Password of these pages", "Contraseña de estas páginas"),
    "setting_DATABASE_URL": ("Where the database is", "Dónde está la base de datos"),
    "setting_DATA_DIR": ("Folder in which everything is kept", "Carpeta donde se guarda todo"),
    "setting_FORWARDED_HOPS": ("Proxies in front of the receiver", "Proxies delante del receptor"),
    "setting_HOST": ("Where the receiver listens", "Dónde escucha el receptor"),
    "setting_INBOUNDFLOW_ALLOW_UNSIGNED": ("Whether unsigned reports are taken", "Si se aceptan avisos sin firmar"),
    "setting_INBOUNDFLOW_SIGNING_SECRET": ("Secret key shared with InboundFlow",
                                           "Clave secreta compartida con InboundFlow"),
    "setting_INBOUNDFLOW_SIGNING_SECRET_PREVIOUS": ("The secret key before that", "La clave secreta anterior"),
    "setting_INBOUNDFLOW_STRICT_BYTES": ("Whether signatures are checked to the byte",
                                         "Si la firma se comprueba byte a byte"),
    "setting_INBOUNDFLOW_TIMESTAMP_TOLERANCE_SECONDS": ("Seconds that clocks may differ",
                                                        "Segundos que pueden diferir los relojes"),
    "setting_LOG_FORMAT": ("Form of the log", "Forma del registro"),
    "setting_MAX_BODY_BYTES": ("Largest report that is taken, in bytes", "Mayor aviso que se acepta, en bytes"),
    "setting_METRICS_TOKEN": ("Key for reading figures", "Clave para leer las métricas"),
    "setting_PORT": ("Port", "Puerto"),
    "setting_REDIS_URL": ("Where Redis is", "Dónde está Redis"),
    "setting_RETENTION_DAYS": ("Days that calls are kept (0: all)", "Días que se guardan las llamadas (0: todas)"),
    "setting_SECRET_KEY": ("Key that signs and seals here", "Clave con la que aquí se firma y se cifra"),
    "setting_SECRET_KEY_PREVIOUS": ("The key before that", "La clave anterior a esa"),
    "settings_set": ("set", "definida"),
    "settings_ends": ("set, ends {ends}", "definida, termina en {ends}"),
    "settings_unset": (Plural("1 that is not set", "{n} that are not set"),
                       Plural("1 sin definir", "{n} sin definir")),
    "settings_default": ("counts as {value}", "cuenta como {value}"),
    "settings_sessions": ("Who is signed in", "Quién tiene sesión"),
    "settings_here": ("this one", "esta"),
    "settings_since": ("since {at}, last seen {ago}", "desde {at}, vista {ago}"),
    "settings_out_all": ("Sign all out", "Cerrar todas las sesiones"),
}
# fmt: on
