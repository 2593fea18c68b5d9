"""The page of help."""

from .plural import Texts

# fmt: off
TEXTS: Texts = {
    "help_title": ("Help", "Ayuda"),
    "help_today": ("How the day goes and whether every call arrived where it should.",
                   "Cómo va el día y si cada llamada llegó a donde debía."),
    "help_callbacks": ("Whom to call back now. Mark each one when you have called: it leaves the list.",
                       "A quién llamar ahora. Marca cada una cuando hayas llamado y saldrá de la lista."),
    "help_calls": ("Every call. Search by name, by the last digits of a number, or by the call's id.",
                   "Todas las llamadas. Busca por nombre, por los últimos dígitos o por el id de la llamada."),
    "help_problems": ("What did not arrive, why, and the button that puts it right.",
                      "Lo que no llegó, por qué, y el botón que lo arregla."),
    "help_marks": ("Marks", "Señales"),
    "help_arrived": ("It is where it should be.", "Está donde debe estar."),
    "help_trying": ("That goes by itself. Nothing to do.", "Va por sí solo. No hay que hacer nada."),
    "help_dead": ("It is not tried again before somebody presses Send again.",
                  "No se reintenta hasta que alguien pulse Enviar de nuevo."),
    "help_hold": ("It waits, as its destination takes nothing just now. It goes on when somebody resumes that.",
                  "Espera, porque su destino ahora no recibe nada. Continúa cuando alguien lo reanude."),
    "help_half_set": ("It waits, as something is still missing to reach its destination. Problems says who completes "
                      "that; then it goes there by itself.",
                      "Espera, porque todavía falta algo para llegar a su destino. Problemas dice quién lo completa; "
                      "después se envía por sí solo."),
    "help_waiting": ("It will be there in a moment.", "Llegará en un momento."),
    "help_connection": ("Whether InboundFlow still reports every call to us.",
                        "Si InboundFlow nos sigue avisando de cada llamada."),
    "help_inboundflow": ("InboundFlow and the lives", "InboundFlow y las vidas"),
    "help_lives": ("What are the lives?", "¿Qué son las vidas?"),
    "help_lives_what": ("After each call InboundFlow sends a report here. When ten reports in a row fail, it stops "
                        "sending them. Connection shows how many of these ten lives are left; one report that gets "
                        "through gives all of them back.",
                        "Después de cada llamada InboundFlow envía un aviso hasta aquí. Cuando fallan diez avisos "
                        "seguidos, deja de enviarlos. Conexión muestra cuántas de esas diez vidas quedan; un solo "
                        "aviso que llegue bien las devuelve todas."),
    "help_off": ("What do I do when InboundFlow has stopped (the webhook was disabled)?",
                 "¿Qué hago si InboundFlow dejó de avisar (se desactivó el webhook)?"),
    "help_off_1": ("Look at Connection: it says why the reports failed. Put that right first, or ask whoever set this "
                   "up; else it stops again after ten calls.",
                   "Mira Conexión: dice por qué fallaron los avisos. Corrige eso primero, o pídelo a quien instaló "
                   "esto; si no, dejará de avisar otra vez a las diez llamadas."),
    "help_off_2": ("In InboundFlow open Configuración → Integraciones and connect Webhook Personalizado again. The "
                   "address that belongs there stands under Connect InboundFlow.",
                   "En InboundFlow abre Configuración → Integraciones y conecta de nuevo Webhook Personalizado. La "
                   "dirección que va allí está en Conectar InboundFlow."),
    "help_off_3": ("Press “Probar Webhook”. Connection then says that the last report came just now.",
                   "Pulsa «Probar Webhook». Entonces Conexión dice que el último aviso llegó ahora mismo."),
    "help_off_4": ("Calls in the meantime are answered as always, but InboundFlow does not report them later: look "
                   "them up in InboundFlow. Reports that were turned away here before that are kept for a week, and "
                   "Connection takes the real ones in.",
                   "Las llamadas de mientras tanto se atienden como siempre, pero InboundFlow no avisa de ellas "
                   "después: búscalas en InboundFlow. Los avisos que aquí no se aceptaron antes se guardan una semana, "
                   "y Conexión recupera los que son de verdad."),
    "help_silence": ("What does it mean when it is quiet?", "¿Qué significa que haya silencio?"),
    "help_silence_what": ("We know how many calls usually come at each hour of your week. When none comes for much "
                          "longer than that, Connection says so. On a holiday that is nothing. On a working day call "
                          "your own number: if that call does not appear here, InboundFlow has stopped reporting.",
                          "Sabemos cuántas llamadas suele haber a cada hora de tu semana. Si pasa mucho más tiempo sin "
                          "ninguna, Conexión lo dice. En un día festivo no es nada. En un día laborable llama a tu "
                          "propio número: si esa llamada no aparece aquí, InboundFlow dejó de avisar."),
    "help_erase": ("Somebody wants their data gone: you see first what would be erased, and what lies elsewhere.",
                   "Alguien pide que se borren sus datos: ves primero qué se borraría y qué queda en otros sitios."),
    "help_numbers": ("Phone numbers are shown in part. Who shows a whole one is written down in History.",
                     "Los números se muestran en parte. Quien muestra uno completo queda en el Historial."),
}
# fmt: on
