"""Signing in and out."""

from .plural import Plural, Texts

# fmt: off
TEXTS: Texts = {
    "signin_title": ("Sign in", "Iniciar sesión"),
    "signin_password": ("Password", "Contraseña"),
    "signin_name": ("Your name", "Tu nombre"),
    "signin_name_hint": ("Shown beside what you mark.", "Se muestra junto a lo que marques."),
    "signin_name_taken": (
        "Somebody of this name has a password of their own. Take another name, or sign in with that password.",
        "Alguien con este nombre tiene contraseña propia. Usa otro nombre, o entra con esa contraseña.",
    ),
    "signin_name_missing": ("Write your name, so that others know who called back.",
                            "Escribe tu nombre, para que los demás sepan quién llamó."),
    "signin_wrong": ("That password is not right.", "La contraseña no es correcta."),
    "signin_many": (Plural("Too many tries. Try again in 1 minute.", "Too many tries. Try again in {n} minutes."),
                    Plural("Demasiados intentos. Vuelve a intentar en 1 minuto.",
                           "Demasiados intentos. Vuelve a intentar en {n} minutos.")),
    "signin_busy": ("Somebody else is signing in just now. Try again.",
                    "Alguien más está iniciando sesión. Vuelve a intentar."),
    "signin_plain": ("This connection is not private, so somebody could read the password on its way. Open the same "
                     "address with https:// at its beginning.",
                     "Esta conexión no es privada y alguien podría leer la contraseña en el camino. Abre la misma "
                     "dirección con https:// al principio."),
    "signin_plain_run": ("Where a proxy in front of the receiver takes care of https, set FORWARDED_HOPS to the number "
                         "of proxies.",
                         "Si un proxy delante del receptor se encarga del https, pon en FORWARDED_HOPS el número de "
                         "proxies."),
    "signin_lost": ("Forgot the password? Ask whoever set this up for you: they can look it up, or send you a link.",
                    "¿Olvidaste la contraseña? Pídela a quien te instaló esto: puede buscarla o enviarte un enlace."),
    "signin_runs": ("For whoever set it up", "Para quien lo instaló"),
    "signin_where": ("The password is the setting DASHBOARD_PASSWORD. On Heroku it stands under Settings → Config "
                     "Vars, on Render under Environment; there you can read it, or set another one.",
                     "La contraseña es el ajuste DASHBOARD_PASSWORD. En Heroku está en Settings → Config Vars, en "
                     "Render en Environment; ahí puedes leerla o poner otra."),
    "signin_command": ("On a server of your own, this prints a link that signs in once, within {n} minutes:",
                       "En un servidor propio, esto da un enlace que sirve para entrar una vez, durante {n} minutos:"),
    "signin_here": ("No password at hand? On this machine, this command in a terminal prints a link that signs in "
                    "once, within {n} minutes:",
                    "¿No tienes la contraseña? En este equipo, este comando en una terminal da un enlace que sirve "
                    "para entrar una vez, durante {n} minutos:"),
    "sso_button": ("Sign in with {name}", "Entrar con {name}"),
    "sso_or": ("Or with a password:", "O con una contraseña:"),
    "sso_no_answer": ("{name} does not answer just now. Try again in a minute, or sign in with a password.",
                      "{name} no responde ahora mismo. Vuelve a intentar en un minuto, o entra con una contraseña."),
    "sso_refused": ("Signing in with {name} did not work. Try again; if it happens again, ask whoever set this up.",
                    "No se pudo entrar con {name}. Vuelve a intentar; si se repite, avisa a quien instaló esto."),
    "sso_again": ("This sign-in took too long, or was begun in another browser. Begin again here.",
                  "Este inicio de sesión tardó demasiado, o empezó en otro navegador. Empieza aquí de nuevo."),
    "sso_denied": ("{name} did not let you in, or you cancelled there. Try again, or ask whoever looks after {name} "
                   "at your business.",
                   "{name} no te dejó entrar, o lo cancelaste ahí. Vuelve a intentar, o pregunta a quien administra "
                   "{name} en tu negocio."),
    "sso_no_email": ("{name} did not say your e-mail address. Ask whoever set this up.",
                     "{name} no dio tu dirección de correo. Avisa a quien instaló esto."),
    "sso_unverified": ("Your e-mail address is not confirmed at {name}. Confirm it there, then try again.",
                       "Tu dirección de correo no está confirmada en {name}. Confírmala ahí y vuelve a intentar."),
    "sso_unknown": ("Nobody has given {email} access to these pages. Ask the owner of the business to add this address "
                    "under More → People.",
                    "Nadie le ha dado acceso a {email} a estas páginas. Pide al dueño del negocio que añada esta "
                    "dirección en Más → Personas."),
    "signin_kept": ("You were signed out meanwhile. Sign in: what you wrote is not lost.",
                    "Tu sesión terminó. Inicia sesión: lo que escribiste no se perdió."),
    "signin_link": ("Sign in with this link", "Entrar con este enlace"),
    "signin_link_hint": ("It works once, within 10 minutes.", "Funciona una vez, durante 10 minutos."),
    "signin_link_old": ("This link does not work any more: it works once, and for 10 minutes. Sign in with the "
                        "password, or ask for another link.",
                        "Este enlace ya no funciona: sirve una sola vez, durante 10 minutos. Entra con la contraseña o "
                        "pide otro enlace."),
    "signin_out": ("You are signed out.", "Cerraste la sesión."),
    "signin_out_all": ("Everybody is signed out.", "Todas las sesiones están cerradas."),
    "signin_all": ("Sign all out", "Cerrar todas las sesiones"),
    "again_title": ("Save what you wrote?", "¿Guardar lo que escribiste?"),
    "again_why": ("You were signed out before it was saved.", "Tu sesión terminó antes de guardarlo."),
    "again_save": ("Save it now", "Guardar ahora"),
}
# fmt: on
