"""The page of the first run."""

from .plural import Texts

# fmt: off
TEXTS: Texts = {
    "connect_address": ("Paste this address into InboundFlow", "Pega esta dirección en InboundFlow"),
    "connect_copy": ("Copy", "Copiar"),
    "connect_http": ("InboundFlow takes https addresses only: open this page by https, and copy the address then.",
                     "InboundFlow solo acepta direcciones https: abre esta página por https y copia la dirección."),
    "connect_here_only": ("This address works on this machine only, and InboundFlow cannot reach it. It needs a public "
                          "https address that leads here: whoever set this up finds the ways in recipes/.",
                          "Esta dirección solo sirve en este equipo, e InboundFlow no puede llegar a ella. Necesita "
                          "una dirección https pública que lleve aquí: quien lo instaló halla cómo en recipes/es/."),
    "connect_secret": ("Put this signing secret there too", "Pon allí también este secreto de firma"),
    "connect_show": ("Show it once", "Mostrarlo una vez"),
    "connect_in_variable": ("Ask whoever set this up for it: it is the setting INBOUNDFLOW_SIGNING_SECRET of this "
                            "receiver. If InboundFlow shows a key of its own, it has to be set there, and the receiver "
                            "started again.",
                            "Pídelo a quien instaló esto: es el ajuste INBOUNDFLOW_SIGNING_SECRET de este receptor. Si "
                            "InboundFlow muestra un secreto propio, hay que ponerlo ahí y reiniciar el receptor."),
    "connect_panel": ("In InboundFlow's panel", "En el panel de InboundFlow"),
    "connect_step_1": ("Open Configuración → Integraciones.", "Abre Configuración → Integraciones."),
    "connect_step_2": ("At Webhook Personalizado press Conectar.", "En Webhook Personalizado pulsa Conectar."),
    "connect_step_3": ("Paste the address from above.", "Pega la dirección de arriba."),
    "connect_step_4": ("Choose the events: all four.", "Elige los eventos: los cuatro."),
    "connect_step_5": ("Press “Probar Webhook”.", "Pulsa «Probar Webhook»."),
    "connect_step_6": ("Save.", "Guarda."),
    "connect_waiting": ("Waiting for the test…", "Esperando la prueba…"),
    "connect_works": ("It works: a report came {ago} ({event}), and is stored.",
                      "Funciona: {ago} llegó un aviso ({event}) y está guardado."),
    "connect_arrived": ("A report arrived here {ago} ({event}), perhaps a test of your own, and is stored.",
                        "{ago} llegó aquí un aviso ({event}), quizá una prueba tuya, y está guardado."),
    "connect_next": ("Now choose where calls go.", "Ahora elige a dónde van las llamadas."),
    "connect_came_wrong": ("A request came {ago}, and was refused:", "Llegó una solicitud {ago} y se rechazó:"),
}
# fmt: on
