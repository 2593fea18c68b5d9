"""The page of all deliveries."""

from .plural import Plural, Texts

# fmt: off
TEXTS: Texts = {
    "deliveries_what": ("A technical list: one row for each report that InboundFlow sent.",
                        "Una lista técnica: una fila por cada aviso que envió InboundFlow."),
    "deliveries_received": ("Received", "Recibida"),
    "deliveries_event": ("Event", "Evento"),
    "deliveries_id": ("Id", "Id"),
    "deliveries_id_label": ("Beginning of an id", "Principio de un id"),
    "deliveries_call": ("Call", "Llamada"),
    "deliveries_runs": ("Destinations", "Destinos"),
    "deliveries_state": ("State", "Estado"),
    "deliveries_all": ("all", "todo"),
    "deliveries_day": ("Day", "Día"),
    "deliveries_destination": ("Destination", "Destino"),
    "deliveries_show": ("Show", "Mostrar"),
    "deliveries_older": ("Show older", "Ver anteriores"),
    "deliveries_none": ("No delivery matches.", "Ninguna entrega coincide."),
    "deliveries_not_yet": ("not yet", "aún no"),
    "deliveries_erased": ("erased", "borrada"),
    "deliveries_total": (Plural("1 delivery", "{n} deliveries"), Plural("1 entrega", "{n} entregas")),
    "deliveries_more": ("over {n} deliveries", "más de {n} entregas"),
    "deliveries_state_pending": ("waits", "espera"),
    "deliveries_state_queued": ("next in line", "por salir"),
    "deliveries_state_running": ("being sent", "enviándose"),
    "deliveries_state_succeeded": ("arrived", "llegó"),
    "deliveries_state_retrying": ("trying again", "se reintenta"),
    "deliveries_state_dead": ("did not arrive", "no llegó"),
    "deliveries_state_skipped": ("not sent", "no se envía"),
}
# fmt: on
