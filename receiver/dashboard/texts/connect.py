"""The page of the first run."""

from .plural import Texts

# fmt: off
TEXTS: Texts = {
    "connect_address": ("Paste this address into InboundFlow", "Pega esta dirección en InboundFlow"),
    "connect_copy": ("Copy", "Copiar"),
    "connect_http": ("InboundFlow takes https addresses only: open this page by https, and copy the address then.",
                     "InboundFlow solo acepta direcciones https: abre esta página por https y copia la dirección."),
    "connect_here_only": ("This address is for this machine only. InboundFlow needs a public https address that leads "
                          "here: a tunnel, or one of the pages in recipes/.",
                          "Esta dirección es solo para este equipo. InboundFlow necesita una dirección https pública "
                          "que lleve aquí: un túnel, o una de las páginas de recipes/es/."),
    "connect_secret": ("Set this secret there too", "Pon allí también este secreto"),
    "connect_show": ("Show it once", "Mostrarlo una vez"),
    "connect_in_variable": ("It is in the variable INBOUNDFLOW_SIGNING_SECRET of this receiver. If InboundFlow shows a "
                            "secret of its own, put that one into the variable, and start the receiver again.",
                            "Está en la variable INBOUNDFLOW_SIGNING_SECRET de este receptor. Si InboundFlow muestra "
                            "un secreto propio, ponlo en la variable y reinicia el receptor."),
    "connect_panel": ("In InboundFlow's panel", "En el panel de InboundFlow"),
    "connect_step_1": ("Open Configuración → Integraciones.", "Abre Configuración → Integraciones."),
    "connect_step_2": ("At Webhook Personalizado press Conectar.", "En Webhook Personalizado presiona Conectar."),
    "connect_step_3": ("Paste the address from above.", "Pega la dirección de arriba."),
    "connect_step_4": ("Choose the events: all four.", "Elige los eventos: los cuatro."),
    "connect_step_5": ("Press “Probar Webhook”.", "Presiona «Probar Webhook»."),
    "connect_step_6": ("Save.", "Guarda."),
    "connect_waiting": ("Waiting for the test…", "Esperando la prueba…"),
    "connect_works": ("It works: {event} came {ago}, and is stored.", "Funciona: {event} llegó {ago} y está guardado."),
    "connect_next": ("Now choose where calls go.", "Ahora elige a dónde van las llamadas."),
    "connect_came_wrong": ("A request came {ago}, and was refused:", "Llegó una solicitud {ago} y se rechazó:"),
}
# fmt: on
