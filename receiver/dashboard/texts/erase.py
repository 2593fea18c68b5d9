"""The pages on which a person is erased."""

from .plural import Plural, Texts

# fmt: off
TEXTS: Texts = {
    "erase_ask": ("Erase this person…", "Borrar a esta persona…"),
    "erase_intro": ("For somebody who asks you to erase their data. You see first what would go; nothing is erased "
                    "before you say so.",
                    "Para quien te pide que borres sus datos. Primero ves qué se borraría; no se borra nada hasta que "
                    "lo confirmes."),
    "erase_phone": ("Phone number", "Número de teléfono"),
    "erase_phone_hint": ("With its country's prefix, as +34 600 00 00 00. Or open one of their calls and choose “Erase "
                         "this person…” there.",
                         "Con el prefijo del país, como +52 55 1234 5678 o +34 600 00 00 00. O abre una de sus "
                         "llamadas y elige allí «Borrar a esta persona…»."),
    "erase_email": ("E-mail address, if you know it", "Correo electrónico, si lo conoces"),
    "erase_look": ("Show what would be erased", "Ver qué se borraría"),
    "erase_whom": ("Write the person's number or e-mail address.", "Escribe el número o el correo de la persona."),
    "erase_looking": ("Every call that is kept is being looked through. This page goes on by itself.",
                      "Se están revisando todas las llamadas guardadas. Esta página avanza sola."),
    "erase_nothing": ("Nothing of this person is kept here.", "Aquí no se guarda nada de esta persona."),
    "erase_would": ("This would be erased", "Esto se borraría"),
    "erase_calls": (Plural("1 call, with everything that is known of it",
                           "{n} calls, with everything that is known of them"),
                    Plural("1 llamada, con todo lo que se sabe de ella",
                           "{n} llamadas, con todo lo que se sabe de ellas")),
    "erase_more": (Plural("and 1 more", "and {n} more"), Plural("y 1 más", "y {n} más")),
    "erase_ended": (Plural("1 thing that waits to be sent is not sent any more",
                           "{n} things that wait to be sent are not sent any more"),
                    Plural("1 envío pendiente ya no se hará", "{n} envíos pendientes ya no se harán")),
    "erase_conflicts": (Plural("1 other version of a report", "{n} other versions of reports"),
                        Plural("1 versión distinta de un aviso", "{n} versiones distintas de avisos")),
    "erase_texts": (Plural("1 note or reason that names them", "{n} notes and reasons that name them"),
                    Plural("1 nota o motivo que nombra a la persona",
                           "{n} notas y motivos que nombran a la persona")),
    "erase_stays": ("What stays elsewhere", "Lo que queda en otros sitios"),
    "erase_there": ("Also delete it at the destinations, where that can be done from here",
                    "Borrarlo también en los destinos donde se puede hacer desde aquí"),
    "erase_deletable": ("Can be deleted there from here, if you choose it below “This would be erased”:",
                        "Se puede borrar allí desde aquí, si lo eliges en «Esto se borraría»:"),
    "erase_deleted": ("Deleted there too:", "Se borró también allí:"),
    "erase_owed": ("Not deleted there yet; the next time you erase somebody at the destinations it is tried again:",
                   "Allí todavía no se borró; la próxima vez que borres a alguien en los destinos se vuelve a "
                   "intentar:"),
    "erase_there_stays": ("Stays there, for you to decide:", "Se queda allí, decide tú:"),
    "erase_elsewhere": ("The receiver does not reach these; look there yourself:",
                        "El receptor no llega a estos sitios; míralo tú:"),
    "erase_in_inboundflow": ("InboundFlow: the call, its recording and its summary (in its panel, or its support).",
                             "InboundFlow: la llamada, su grabación y su resumen (en su panel, o su soporte)."),
    "erase_in_calendar": ("The calendar, if an appointment was booked.",
                          "El calendario, si se reservó una cita."),
    "erase_in_people": ("Whoever got a message or a transfer, and wrote something down.",
                        "Quien recibió un mensaje o una transferencia y apuntó algo."),
    "erase_sent": ("Sent there already; delete it there:", "Ya se envió; bórralo allí:"),
    "erase_perhaps": ("Tried, and not known to have arrived; look there:",
                      "Se intentó, y no consta que llegara; míralo allí:"),
    "erase_reports": ("Which reports", "Qué avisos"),
    "erase_mentions": (Plural("1 call of somebody else names their number or address. It stays:",
                              "{n} calls of others name their number or address. They stay:"),
                       Plural("1 llamada de otra persona menciona su número o correo. Se queda:",
                              "{n} llamadas de otras personas mencionan su número o correo. Se quedan:")),
    "erase_copies": ("Copies of the database that may hold it too; delete them, or let them age:",
                     "Copias de la base de datos que también pueden contenerlo; bórralas o deja que caduquen:"),
    "erase_for_good": ("It cannot be undone. A new call of the same person is kept again.",
                       "No se puede deshacer. Una llamada nueva de la misma persona se guardará de nuevo."),
    "erase_now": ("Erase for good", "Borrar para siempre"),
    "erase_not": ("Erase nothing", "No borrar nada"),
    "erase_under_way": ("Something of theirs is being sent just now. As soon as that has ended it is erased, in a "
                        "minute or two.",
                        "Ahora mismo se está enviando algo suyo. En cuanto termine se borra, en un minuto o dos."),
    "erase_erasing": ("It is being erased. You can leave this page: it goes on.",
                      "Se está borrando. Puedes salir de esta página: continúa."),
    "erase_clearing": ("It is erased; now the database's log is being emptied.",
                       "Ya está borrado; ahora se vacía el registro de la base de datos."),
    "erase_done": (Plural("Erased: 1 report. Its id, its kind and its times stay, so that it is known if InboundFlow "
                          "sends it again.",
                          "Erased: {n} reports. Their ids, kinds and times stay, so that they are known if InboundFlow "
                          "sends them again."),
                   Plural("Borrado: 1 aviso. Quedan su identificador, su tipo y sus horas, para reconocerlo si "
                          "InboundFlow lo repite.",
                          "Borrados: {n} avisos. Quedan su identificador, su tipo y sus horas, para reconocerlos si "
                          "InboundFlow los repite.")),
    "erase_with": ("With it:", "Con ello:"),
    "erase_keep": ("This is the receipt: print it, or save it. It does not say who it was, and is removed here after "
                   "30 days.",
                   "Este es el comprobante: imprímelo o guárdalo. No dice quién era, y aquí se quita a los 30 días."),
    "erase_drop": ("Remove this receipt", "Quitar este comprobante"),
    "erase_latest": ("Erased lately", "Borrado últimamente"),
    "erase_one": (Plural("1 report", "{n} reports"), Plural("1 aviso", "{n} avisos")),
    "erase_receipt": ("Receipt", "Comprobante"),
}
# fmt: on
