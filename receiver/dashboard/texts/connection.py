"""The page of the connection to InboundFlow."""

from .plural import Plural, Texts

# fmt: off
TEXTS: Texts = {
    "connection_onward": ("Whether it goes on from here to Slack and the others",
                          "Si desde aquí todo sigue hasta Slack y los demás"),
    "connection_disabled": ("You are told that the webhook was disabled? What to do",
                            "¿Te dicen que se desactivó el webhook? Qué hacer"),
    "connection_badge": (Plural("1 life lost", "{n} lives lost"), Plural("1 vida perdida", "{n} vidas perdidas")),
    "connection_last": ("InboundFlow reaches us. Its last report of a call came {ago}.",
                        "InboundFlow llega hasta aquí. Su último aviso de una llamada llegó {ago}."),
    "connection_here": ("A report of a call arrived here {ago}, perhaps a test of your own. Whether InboundFlow "
                        "reaches this cannot be seen at an address that leads to this machine alone.",
                        "El último aviso de una llamada llegó aquí {ago}, quizá una prueba tuya. Si InboundFlow llega "
                        "hasta aquí no se puede ver en una dirección que solo sirve en este equipo."),
    "ago": ("{age} ago", "hace {age}"),
    "connection_none": ("InboundFlow has not reported any call yet.",
                        "InboundFlow todavía no avisó de ninguna llamada."),
    "connection_connect": ("Connect InboundFlow", "Conectar InboundFlow"),
    "connection_lives": ("Lives", "Vidas"),
    "connection_what": ("After each call InboundFlow sends a report here. If ten reports in a row fail, it stops "
                        "sending them until somebody connects it again. So there are ten lives: each failure takes "
                        "one, and a single report that gets through gives all ten back.",
                        "Después de cada llamada InboundFlow envía un aviso hasta aquí. Si fallan diez avisos "
                        "seguidos, deja de enviarlos hasta que alguien lo conecte de nuevo. Por eso hay diez vidas: "
                        "cada fallo quita una, y un solo aviso que llegue bien las devuelve todas."),
    "connection_lives_none": ("All ten lives are there.", "Quedan las diez vidas."),
    "connection_lives_lost": (
        Plural("1 of 10 lives lost. The next report that gets through gives it back.",
               "{n} of 10 lives lost. The next report that gets through gives all of them back."),
        Plural("Se perdió 1 de las 10 vidas. El próximo aviso que llegue bien la devuelve.",
               "Se perdieron {n} de las 10 vidas. El próximo aviso que llegue bien las devuelve todas.")),
    "connection_lives_why": ("These reports were turned away ({since} – {until}):",
                             "No se aceptaron estos avisos ({since} – {until}):"),
    "connection_off": ("InboundFlow has probably stopped reporting calls. Put the cause below right, or have it put "
                       "right. Then, in InboundFlow, open Configuración → Integraciones, connect Webhook Personalizado "
                       "again, and press “Probar Webhook”.",
                       "Es probable que InboundFlow haya dejado de avisar de las llamadas. Corrige la causa de abajo, "
                       "o pide que la corrijan. Después, en InboundFlow, abre Configuración → Integraciones, conecta "
                       "de nuevo Webhook Personalizado y pulsa «Probar Webhook»."),
    "connection_unseen": ("Reports that never got this far cannot be seen here, for instance while this server was "
                          "off or its address was wrong. InboundFlow counts them as failures all the same.",
                          "Los avisos que no llegaron hasta aquí no se ven, por ejemplo si este servidor estaba "
                          "apagado o su dirección era incorrecta. InboundFlow los cuenta igual como fallos."),
    "connection_aside": (Plural("1 report that was turned away is kept for a week, in case it is a real one.",
                                "{n} reports that were turned away are kept for a week, in case they are real ones."),
                         Plural("1 aviso que no se aceptó se guarda una semana, por si era de verdad.",
                                "{n} avisos que no se aceptaron se guardan una semana, por si eran de verdad.")),
    "connection_take": ("See which are real…", "Ver cuáles son de verdad…"),
    "connection_quiet": ("Too quiet?", "¿Demasiado silencio?"),
    "connection_silence": ("No call for {age}. In such a time there are usually {n} here. Perhaps nobody is calling, "
                           "or perhaps InboundFlow no longer reports the calls.",
                           "Sin llamadas desde hace {age}. En ese tiempo aquí suele haber {n}. Quizá nadie llama, o "
                           "quizá InboundFlow ya no avisa de las llamadas."),
    "connection_heard": ("Nothing unusual, as far as your calls so far can tell.",
                         "Nada fuera de lo normal, por lo que se ve en tus llamadas hasta ahora."),
    "connection_sure": ("To make sure:", "Para asegurarte:"),
    "connection_check_1": ("In InboundFlow, open Configuración → Integraciones and see whether Webhook Personalizado "
                           "is still connected.",
                           "En InboundFlow, abre Configuración → Integraciones y mira si Webhook Personalizado sigue "
                           "conectado."),
    "connection_check_2": ("Press “Probar Webhook” there. Within seconds the top of this page says “just now”.",
                           "Pulsa allí «Probar Webhook». En segundos, arriba en esta página dirá «ahora mismo»."),
    "connection_check_3": ("Or call your own number and hang up after the greeting: the call appears under Calls.",
                           "O llama a tu propio número y cuelga tras el saludo: la llamada aparece en Llamadas."),
    "connection_refused": ("Reports turned away in the last 24 hours",
                           "Avisos no aceptados en las últimas 24 horas"),
    "connection_refused_what": ("Reports are signed with a secret that only InboundFlow and this receiver know. "
                                "What is not signed with it is turned away, so that nobody can invent calls.",
                                "Los avisos van firmados con un secreto de firma que solo conocen InboundFlow y este "
                                "receptor. Lo que no va firmado con él no se acepta, para que nadie invente "
                                "llamadas."),
    "connection_found": ("What we found out about those that look like InboundFlow's:",
                         "Lo que averiguamos de los que parecen de InboundFlow:"),
    "connection_refused_none": ("Nothing was turned away.", "Se aceptó todo."),
    "connection_number": ("How many", "Cuántos"),
    "connection_meaning": ("Why", "Por qué"),
    "connection_strangers": ("Anybody on the internet can send something to this address. What does not look like "
                             "InboundFlow's costs no life, so there may be more of these than lives lost.",
                             "Cualquiera en internet puede enviar algo a esta dirección. Lo que no parece de "
                             "InboundFlow no quita vidas, y por eso aquí puede haber más que vidas perdidas."),
    "connection_recheck": ("Which are real", "Cuáles son de verdad"),
    "connection_would": ("We looked at them again, with the signing secret that is set now:",
                         "Los revisamos de nuevo con el secreto de firma de ahora:"),
    "connection_no_secret": ("No signing secret is set here, so nothing can be checked. Whoever set this up has to set "
                             "INBOUNDFLOW_SIGNING_SECRET.",
                             "Aquí no hay ningún secreto de firma, y sin él no se puede revisar ningún aviso. Quien "
                             "lo instaló debe poner INBOUNDFLOW_SIGNING_SECRET."),
    "connection_stored": (Plural("1 call report is real and can be taken in.",
                                 "{n} call reports are real and can be taken in."),
                          Plural("1 aviso es de verdad y se puede recuperar.",
                                 "{n} avisos son de verdad y se pueden recuperar.")),
    "connection_none_real": ("None of them fits yet.", "Todavía no coincide ninguno."),
    "connection_duplicate": (Plural("1 is here already.", "{n} are here already."),
                             Plural("1 ya está aquí.", "{n} ya están aquí.")),
    "connection_left": (Plural("1 still does not fit, and stays where it is.",
                               "{n} still do not fit, and stay where they are."),
                        Plural("1 sigue sin coincidir y se queda como está.",
                               "{n} siguen sin coincidir y se quedan como están.")),
    "connection_unexplained": ("It does not come from InboundFlow, or is signed with a key that is not known here.",
                               "No viene de InboundFlow, o va firmado con un secreto que aquí no se conoce."),
    "connection_take_now": (Plural("Take 1 in now", "Take {n} in now"),
                            Plural("Recuperar 1 ahora", "Recuperar {n} ahora")),
    "connection_taken": (Plural("1 call report was taken in. It goes to its destinations now.",
                                "{n} call reports were taken in. They go to their destinations now."),
                         Plural("Se recuperó 1 aviso. Ya va a sus destinos.",
                                "Se recuperaron {n} avisos. Ya van a sus destinos.")),
    "reason_signature-missing": ("Not signed. If InboundFlow sent it, the signing secret is missing there.",
                                 "Sin firma. Si lo envió InboundFlow, allí falta el secreto de firma."),
    "reason_signature-mismatch": ("Signed with another signing secret than the one here, or changed on its way.",
                                  "Firmado con otro secreto de firma que el de aquí, o cambiado en el camino."),
    "reason_timestamp-missing": ("It does not say when it was sent.", "No dice cuándo se envió."),
    "reason_timestamp-too-old": ("Sent too long ago: an old one repeated, or the clock of this server is fast.",
                                 "Enviado hace demasiado: es uno repetido, o el reloj de este servidor adelanta."),
    "reason_timestamp-in-future": ("Sent at a time still to come: the clock of this server is slow.",
                                   "Enviado a una hora que aún no llega: el reloj de este servidor atrasa."),
    "reason_body-incomplete": ("The connection broke off before all of it had come.",
                               "La conexión se cortó antes de que llegara entero."),
    "reason_body-too-slow": ("It came too slowly.", "Llegó demasiado despacio."),
    "reason_body-too-large": ("It was far larger than the report of a call.",
                              "Era mucho más grande que el aviso de una llamada."),
    "reason_not-stored": ("It could not be kept here: the disk was full, or the database did not answer.",
                          "No se pudo guardar aquí: el disco estaba lleno o la base de datos no contestó."),
    "cure_secret_made": ("Open Connect InboundFlow, press “Show it once”, and put that one into InboundFlow.",
                         "Abre Conectar InboundFlow, pulsa «Mostrarlo una vez» y pon ese mismo en InboundFlow."),
    "cure_secret": ("Connect InboundFlow says where the signing secret of this receiver stands: put that one into "
                    "InboundFlow.",
                    "Conectar InboundFlow dice dónde está el secreto de firma de este receptor: pon ese mismo en "
                    "InboundFlow."),
    "cure_timestamp-missing": ("If InboundFlow sent it, something on the way takes it out: whoever set this up has to "
                               "look at the proxy.",
                               "Si lo envió InboundFlow, algo en el camino lo quita: quien lo instaló debe mirar el "
                               "proxy."),
    "cure_timestamp-too-old": ("An old one that is repeated does no harm. Else whoever runs this sets the clock.",
                               "Uno antiguo que se repite no hace daño. Si no lo es, quien administra esto pone el "
                               "reloj en hora."),
    "cure_timestamp-in-future": ("Whoever runs this sets the clock.", "Quien administra esto pone el reloj en hora."),
    "cure_body-incomplete": ("If it happens often, whoever runs this looks at the network and the proxy.",
                             "Si pasa a menudo, quien administra esto mira la red y el proxy."),
    "cure_body-too-slow": ("If it happens often, whoever runs this looks at the network and the proxy.",
                           "Si pasa a menudo, quien administra esto mira la red y el proxy."),
    "cure_body-too-large": ("There is nothing to do.", "No hay que hacer nada."),
    "cure_not-stored": ("Whoever runs this makes room on the disk, or starts the database.",
                        "Quien administra esto libera espacio en el disco, o pone en marcha la base de datos."),
    "cure_unknown": ("If InboundFlow sent it, tell whoever set this up.",
                     "Si lo envió InboundFlow, avisa a quien lo instaló."),
    "reason_unknown": ("It was not as InboundFlow sends it.", "No era como los envía InboundFlow."),
    "mistake_right": ("It fits now: it is a real one, and can be taken in.",
                      "Ahora coincide: es de verdad y se puede recuperar."),
    "mistake_old": ("InboundFlow signs with an older signing secret than the one that is set here. The same one has to "
                    "stand on both sides.",
                    "InboundFlow firma con un secreto de firma más antiguo que el de aquí. En los dos lados debe "
                    "estar el mismo."),
    "mistake_blank": ("On one of the two sides the signing secret was copied with a space or an empty line too many. "
                      "Copy it again, without any.",
                      "En uno de los dos lados el secreto de firma se copió con un espacio o una línea de más. "
                      "Cópialo de nuevo, sin ninguno."),
    "mistake_quotes": ("On one of the two sides the signing secret stands in quotation marks. Take them away.",
                       "En uno de los dos lados el secreto de firma está entre comillas. Quítalas."),
    "mistake_proxy": ("Something between InboundFlow and this server changes the reports on their way. Whoever set "
                      "this up has to stop that.",
                      "Algo entre InboundFlow y este servidor cambia los avisos en el camino. Quien lo instaló debe "
                      "evitarlo."),
    "mistake_odd": ("It is signed in another way than InboundFlow describes. Whoever set this up has to look at it.",
                    "Está firmado de otra manera que la que describe InboundFlow. Quien lo instaló debe mirarlo."),
    "mistake_clock": ("The clocks of InboundFlow and of this server were {apart} apart. Whoever set this up has to put "
                      "the clock right.",
                      "Los relojes de InboundFlow y de este servidor se llevaban {apart}. Quien lo instaló debe poner "
                      "el reloj en hora."),
}
# fmt: on
