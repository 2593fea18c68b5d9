"""The page of all deliveries."""

from .plural import Plural, Texts

# fmt: off
TEXTS: Texts = {
    "deliveries_what": ("For whoever runs this: one row for each report that InboundFlow sent. Calls has them "
                        "call by call.",
                        "Para quien administra esto: una fila por cada aviso que envió InboundFlow. En Llamadas están "
                        "llamada por llamada."),
    "deliveries_received": ("Received", "Recibida"),
    "deliveries_event": ("What happened", "Qué pasó"),
    "deliveries_id": ("Id", "Id"),
    "deliveries_id_label": ("Beginning of an id", "Principio de un id"),
    "deliveries_call": ("Call", "Llamada"),
    "deliveries_runs": ("Destinations", "Destinos"),
    "deliveries_state": ("State", "Estado"),
    "deliveries_all": ("any", "cualquiera"),
    "deliveries_day": ("Day", "Día"),
    "deliveries_destination": ("Destination", "Destino"),
    "deliveries_show": ("Show", "Mostrar"),
    "deliveries_older": ("Show older", "Ver anteriores"),
    "deliveries_none": ("No delivery matches.", "Ninguna entrega coincide."),
    "deliveries_no_such": ("There is no delivery and no call whose id begins like that.",
                           "No hay ninguna entrega ni llamada cuyo id empiece así."),
    "deliveries_several": ("Several ids begin like that: type more of it.",
                           "Varios id empiezan así: escribe un poco más."),
    "deliveries_total": (Plural("1 delivery", "{n} deliveries"), Plural("1 entrega", "{n} entregas")),
    "deliveries_more": ("over {n} deliveries", "más de {n} entregas"),
}
# fmt: on
