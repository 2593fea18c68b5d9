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
    "signin_plain": ("This page came over plain http, so a password could be read on the way. Open its https address. "
                     "Where a proxy makes it https, set FORWARDED_HOPS to the number of proxies.",
                     "Esta página llegó por http sin cifrar y la contraseña podría leerse en el camino. Abre su "
                     "dirección https. Si un proxy la hace https, pon en FORWARDED_HOPS el número de proxies."),
    "signin_lost": ("Lost the password? On the server, receiver dashboard-link prints a link that signs you in.",
                    "¿Olvidaste la contraseña? En el servidor, receiver dashboard-link da un enlace para entrar."),
    "signin_kept": ("You were signed out meanwhile. Sign in: what you wrote is not lost.",
                    "Tu sesión terminó. Inicia sesión: lo que escribiste no se perdió."),
    "signin_link": ("Sign in with this link", "Entrar con este enlace"),
    "signin_link_hint": ("It works once, within 10 minutes.", "Funciona una vez, durante 10 minutos."),
    "signin_link_old": ("This link does not work any more. receiver dashboard-link makes another.",
                        "Este enlace ya no funciona. receiver dashboard-link hace otro."),
    "signin_out": ("You are signed out.", "Cerraste la sesión."),
    "signin_out_all": ("Everybody is signed out.", "Todas las sesiones están cerradas."),
    "signin_all": ("Sign all out", "Cerrar todas las sesiones"),
    "again_title": ("Save what you wrote?", "¿Guardar lo que escribiste?"),
    "again_why": ("You were signed out before it was saved.", "Tu sesión terminó antes de guardarlo."),
    "again_save": ("Save it now", "Guardar ahora"),
}
# fmt: on
