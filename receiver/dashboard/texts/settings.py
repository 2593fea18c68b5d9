"""The page of the settings."""

from .plural import Plural, Texts

# fmt: off
TEXTS: Texts = {
    "settings_why": ("For whoever runs this. Here they can only be read: they are variables in the environment of the "
                     "receiver, which has to be started again after a change.",
                     "Para quien administra esto. Aquí solo se leen: son variables del entorno del receptor, que hay "
                     "que reiniciar después de cambiarlas."),
    "settings_receiver": ("The receiver", "El receptor"),
    "settings_set": ("set", "puesta"),
    "settings_ends": ("set, ends {ends}", "puesta, termina en {ends}"),
    "settings_unset": (Plural("1 that is not set", "{n} that are not set"),
                       Plural("1 sin poner", "{n} sin poner")),
    "settings_default": ("counts as {value}", "vale {value}"),
    "settings_sessions": ("Who is signed in", "Quién tiene sesión"),
    "settings_here": ("this one", "esta"),
    "settings_since": ("since {at}, last seen {ago}", "desde {at}, vista {ago}"),
    "settings_out_all": ("Sign all out", "Cerrar todas las sesiones"),
}
# fmt: on
