"""The page of all deliveries."""

from .plural import Plural, Texts

# fmt: off
TEXTS: Texts = {
    "deliveries_what": ("For whoever runs this: one row for each report that InboundFlow sent. Calls has them "
                        "call by call.",
                        "Para quien administra esto: una fila por cada aviso que envió InboundFlow. En Llamadas están "
                        "llamada por llamada."),
    "deliveries_received": ("Received", "Recibido"),
    "deliveries_event": ("What happened", "Qué pasó"),
    "deliveries_id": ("Number of the report", "Número del aviso"),
    "deliveries_id_label": ("Beginning of a report's or call's number", "Principio del número de un aviso o llamada"),
    "deliveries_call": ("Call", "Llamada"),
    "deliveries_runs": ("Destinations", "Destinos"),
    "deliveries_state": ("How it stands", "Cómo está"),
    "deliveries_all": ("any", "cualquiera"),
    "deliveries_day": ("Day", "Día"),
    "deliveries_destination": ("Destination", "Destino"),
    "deliveries_show": ("Show", "Mostrar"),
    "deliveries_older": ("Show older", "Ver anteriores"),
    "deliveries_none": ("No report matches.", "Ningún aviso coincide."),
    "deliveries_no_such": ("There is no report and no call whose number begins like that.",
                           "No hay ningún aviso ni llamada cuyo número empiece así."),
    "deliveries_several": ("Several numbers begin like that: type more of it.",
                           "Varios números empiezan así: escribe un poco más."),
    "deliveries_total": (Plural("1 report", "{n} reports"), Plural("1 aviso", "{n} avisos")),
    "deliveries_more": ("over {n} reports", "más de {n} avisos"),
}
# fmt: on
