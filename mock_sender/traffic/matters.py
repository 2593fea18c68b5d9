"""What people call a business about, in their own language."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Matter:
    """What one call is about."""

    service: str
    summary: str


@dataclass(frozen=True, kw_only=True)
class Matters:
    """What a business's callers of one language want: a visit, an answer, or help at once."""

    booking: tuple[Matter, ...]
    question: tuple[Matter, ...]
    urgent: tuple[Matter, ...]


def about(**rows: tuple[tuple[str, str], ...]) -> Matters:
    return Matters(**{want: tuple(Matter(service=a, summary=b) for a, b in pairs) for want, pairs in rows.items()})


DENTAL = {
    "es": about(
        booking=(
            ("Limpieza dental", "Quiere una limpieza; la última fue hace más de un año. Prefiere por la mañana."),
            ("Revisión", "Pide una revisión para su hija de ocho años, a ser posible después del colegio."),
            ("Ortodoncia", "Pregunta por una primera visita de ortodoncia. Viene por recomendación de una amiga."),
        ),
        question=(
            ("Blanqueamiento", "Preguntó cuánto cuesta un blanqueamiento y si duele."),
            ("Seguro", "Quería saber si la clínica acepta su seguro dental y qué cubre."),
        ),
        urgent=(("Urgencia", "Se le ha roto una muela esta mañana y tiene mucho dolor. Pide cita para hoy."),),
    ),
    "en": about(
        booking=(
            ("Cleaning", "Wants a cleaning before the end of the month; mornings are best."),
            ("Crown", "Needs a crown fitted; the old one came loose on the weekend."),
        ),
        question=(("Invoice", "Asked for a copy of the invoice of the last visit, for the insurance."),),
        urgent=(("Emergency", "Has had a toothache since last night, cannot sleep, and wants to be seen today."),),
    ),
    "de": about(
        booking=(("Zahnreinigung", "Möchte einen Termin für eine Zahnreinigung, am liebsten nachmittags."),),
        question=(("Implantat", "Fragte, was ein Implantat kostet und wie lange die Behandlung dauert."),),
        urgent=(("Notfall", "Hat seit heute früh starke Schmerzen und eine geschwollene Backe."),),
    ),
}
LAW = {
    "en": about(
        booking=(
            ("First consultation", "Was dismissed last week and wants to know what can be done. Has the letter."),
            ("Contract review", "Wants a lease for a shop looked over before signing it next Friday."),
        ),
        question=(
            ("Fees", "Asked what a first consultation costs and whether it can be held by video."),
            ("Open case", "Asked whether the other side has answered yet in the case."),
        ),
        urgent=(("Deadline", "Received a court order today; the time to answer it ends tomorrow."),),
    ),
    "es": about(
        booking=(("Extranjería", "Necesita renovar su permiso de trabajo, que caduca dentro de dos meses."),),
        question=(("Honorarios", "Preguntó cuánto cuesta la primera consulta y qué documentos debe traer."),),
        urgent=(("Detención", "Han detenido a su hermano esta noche y necesita un abogado cuanto antes."),),
    ),
    "zh": about(
        booking=(("公司注册", "想预约咨询，了解在本地注册公司的手续和费用。"),),
        question=(("签证", "询问律所是否办理投资签证，以及需要多长时间。"),),
        urgent=(("合同纠纷", "收到对方律师函，要求明天之前答复，希望尽快与律师通话。"),),
    ),
}
GARAGE = {
    "en": about(
        booking=(
            ("Brake inspection", "Wants to bring in a 2019 Honda Civic for a brake inspection."),
            ("Oil change", "Asked for an oil change and a tire rotation on Saturday morning."),
            ("Engine light", "The engine light of a 2016 RAV4 has been on for three days."),
        ),
        question=(
            ("Estimate", "Asked what new front tires for a Ford F-150 would cost, fitted."),
            ("Car ready", "Wanted to know whether the car is ready and until when it can be collected."),
        ),
        urgent=(("Breakdown", "Broke down on the highway with three children in the car and needs a tow truck."),),
    ),
    "es": about(
        booking=(
            ("Cambio de aceite", "Quiere un cambio de aceite y que revisen un ruido al frenar."),
            ("Aire acondicionado", "El aire acondicionado de su furgoneta no enfría; la necesita para trabajar."),
        ),
        question=(("Presupuesto", "Preguntó cuánto costaría cambiar el embrague de un Nissan Sentra de 2015."),),
        urgent=(("Avería", "El coche se ha parado en una salida de la autopista y pide una grúa."),),
    ),
    "de": about(
        booking=(("Inspektion", "Möchte den Golf zur Inspektion bringen, möglichst nächste Woche."),),
        question=(("Ersatzteil", "Fragte, ob der bestellte Außenspiegel schon da ist."),),
        urgent=(("Panne", "Das Auto springt nicht an, und in zwei Stunden geht der Flug."),),
    ),
}
