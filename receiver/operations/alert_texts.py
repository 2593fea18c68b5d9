"""What an alert says, in the languages that a business may read: what is wrong, what to do, and that it is over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .commands import typed


class Text(NamedTuple):
    what: str
    do: str
    over: str = ""


RECONNECT = {
    "en": "Open InboundFlow → Configuración → Integraciones: is the webhook still connected? If not, connect it again. "
    "Then press “Probar Webhook”",
    "es": "Abre InboundFlow → Configuración → Integraciones: ¿sigue conectado el webhook? Si no, conéctalo de nuevo. "
    "Luego pulsa «Probar Webhook»",
}
TEXTS: dict[str, dict[str, Text]] = {
    "store": {
        "en": Text(
            "New calls cannot be stored: {reason} InboundFlow counts each as a failure.",
            "Do that now: after ten failures InboundFlow switches the webhook off.",
            "New calls are stored again.",
        ),
        "es": Text(
            "No se pueden guardar llamadas nuevas: {reason} InboundFlow cuenta cada una como fallo.",
            "Hazlo ya: tras diez fallos InboundFlow desactiva el webhook.",
            "Las llamadas nuevas se guardan de nuevo.",
        ),
    },
    "damaged": {
        "en": Text(
            "The inbox, or the server that it is on, has been damaged or replaced.",
            "`receiver doctor` says what was seen, and what to do.",
            "The inbox is whole again.",
        ),
        "es": Text(
            "La bandeja, o el servidor donde está, se dañó o fue reemplazado.",
            "`receiver doctor` dice qué se vio y qué hacer.",
            "La bandeja está entera de nuevo.",
        ),
    },
    "lives": {
        "en": Text(
            "{n} of {lives} lives lost: InboundFlow was refused {n} times in a row. At {lives} it switches the webhook "
            "off; the next success gives all of them back.",
            "`receiver doctor` says why they were refused. Put it right, then press “Probar Webhook” in InboundFlow.",
            "InboundFlow gets through again: all {lives} lives are back.",
        ),
        "es": Text(
            "{n} de {lives} vidas perdidas: InboundFlow fue rechazado {n} veces seguidas. A las {lives} desactiva el "
            "webhook; el próximo éxito las devuelve todas.",
            "`receiver doctor` dice por qué se rechazó. Corrígelo y pulsa «Probar Webhook» en InboundFlow.",
            "InboundFlow llega de nuevo: volvieron las {lives} vidas.",
        ),
    },
    "off": {
        "en": Text(
            "InboundFlow has probably switched the webhook off: {n} requests in a row were refused.",
            "`receiver doctor` says why; put it right. " + RECONNECT["en"] + ". Steps: "
            "recipes/recover-a-disabled-webhook.md",
            "InboundFlow gets through again.",
        ),
        "es": Text(
            "Es probable que InboundFlow haya desactivado el webhook: rechazamos {n} solicitudes seguidas.",
            "`receiver doctor` dice por qué; corrígelo. " + RECONNECT["es"] + ". Pasos: "
            "recipes/es/recover-a-disabled-webhook.md",
            "InboundFlow llega de nuevo.",
        ),
    },
    "signatures": {
        "en": Text(
            "{n} requests in a row had a signature that does not fit: perhaps the secret was changed in InboundFlow.",
            "Set INBOUNDFLOW_SIGNING_SECRET to the secret that InboundFlow shows, and start the receiver again. Then "
            "`receiver recheck{of} --dry-run` says what was kept aside, and takes it in without --dry-run.",
            "Signatures fit again.",
        ),
        "es": Text(
            "{n} solicitudes seguidas traían una firma que no coincide: quizá se cambió el secreto en InboundFlow.",
            "Pon en INBOUNDFLOW_SIGNING_SECRET el secreto que muestra InboundFlow y reinicia el receptor. Después "
            "`receiver recheck{of} --dry-run` dice qué quedó apartado, y sin --dry-run lo recupera.",
            "Las firmas coinciden de nuevo.",
        ),
    },
    "signatures_of": {
        "en": Text(
            "{n} requests in a row had a signature that does not fit: perhaps the secret was changed in InboundFlow.",
            "`receiver sources rotate {source}` makes a secret: set it in that business's InboundFlow. Where it has "
            "another, give that with --secret-file. Then `receiver recheck{of} --dry-run` says what was kept aside, "
            "and takes it in without --dry-run.",
            "Signatures fit again.",
        ),
        "es": Text(
            "{n} solicitudes seguidas traían una firma que no coincide: quizá se cambió el secreto en InboundFlow.",
            "`receiver sources rotate {source}` crea un secreto: ponlo en el InboundFlow de ese negocio. Si allí ya "
            "hay otro, dalo con --secret-file. Después `receiver recheck{of} --dry-run` dice qué quedó apartado, y sin "
            "--dry-run lo recupera.",
            "Las firmas coinciden de nuevo.",
        ),
    },
    "worker": {
        "en": Text(
            "Calls are kept, but nothing is being sent: no worker is running ({n} reports wait for one).",
            "Start the worker: `receiver up`, or `receiver worker` beside `receiver web`.",
            "A worker is running again: what waited is on its way.",
        ),
        "es": Text(
            "Las llamadas se guardan, pero no se envía nada: no hay proceso de envío activo ({n} avisos lo esperan).",
            "Inicia el proceso de envío: `receiver up`, o `receiver worker` junto a `receiver web`.",
            "El proceso de envío está activo de nuevo: lo que esperaba va en camino.",
        ),
    },
    "processes": {
        "en": Text(
            "A part of the worker ends again and again; what it is for waits.",
            "`receiver doctor` says which; the worker's log says what it met.",
            "The worker's parts run again.",
        ),
        "es": Text(
            "Una parte del proceso de envío termina una y otra vez; lo suyo espera.",
            "`receiver doctor` dice cuál; el registro del proceso de envío dice qué encontró.",
            "Las partes del proceso de envío funcionan de nuevo.",
        ),
    },
    "on_hold": {
        "en": Text(
            "{place} is on hold, and {n} deliveries wait for it: {reason}",
            "Put that right, then: `receiver resume {handler}{of}`",
            "{place} is on hold no more.",
        ),
        "es": Text(
            "{place} está en pausa y {n} entregas esperan: {reason}",
            "Corrígelo y después: `receiver resume {handler}{of}`",
            "{place} ya no está en pausa.",
        ),
    },
    "paused": {
        "en": Text(
            "{place} has been paused by hand for an hour, and {n} deliveries wait for it.",
            "Where that is to end: `receiver resume {handler}{of}`",
            "{place} is paused no more.",
        ),
        "es": Text(
            "{place} está en pausa, a mano, desde hace una hora y {n} entregas esperan.",
            "Si debe seguir: `receiver resume {handler}{of}`",
            "{place} ya no está en pausa.",
        ),
    },
    "half_set": {
        "en": Text(
            "{place} is not set up completely: nothing goes there.",
            "`receiver doctor` names the variable. Set it, and start the receiver again.",
            "{place} is set up.",
        ),
        "es": Text(
            "{place} no está configurado del todo: no le llega nada.",
            "`receiver doctor` nombra la variable. Ponla y reinicia el receptor.",
            "{place} está configurado.",
        ),
    },
    "down": {
        "en": Text(
            "{place} has not answered for over 10 minutes, and {n} deliveries wait for it. They go on by themselves.",
            "See that it is up, and that its address and secret are right: `receiver doctor`",
            "{place} answers again: what waited has gone on by itself.",
        ),
        "es": Text(
            "{place} no responde desde hace más de 10 minutos y {n} entregas esperan. Seguirán por sí solas.",
            "Mira que funcione y que su dirección y su secreto sean correctos: `receiver doctor`",
            "{place} responde de nuevo: lo que esperaba siguió por sí solo.",
        ),
    },
    "dead": {
        "en": Text(
            "{place}: {n} deliveries did not arrive, and are not tried again by themselves.",
            "See why: `receiver deliveries --handler {handler}{of} --state dead`; when it is put right: "
            "`receiver replay --handler {handler}{of} --state dead`",
            "{place}: nothing is left that did not arrive.",
        ),
        "es": Text(
            "{place}: {n} entregas no llegaron y no se reintentan por sí solas.",
            "Mira por qué: `receiver deliveries --handler {handler}{of} --state dead`; cuando esté corregido: "
            "`receiver replay --handler {handler}{of} --state dead`",
            "{place}: no queda nada sin llegar.",
        ),
    },
    "redis": {
        "en": Text(
            "The worker does not reach Redis: calls are kept, and wait.",
            "Start Redis, or correct REDIS_URL: `receiver doctor` says more.",
            "Redis is back: what waited is on its way.",
        ),
        "es": Text(
            "El proceso de envío no alcanza Redis: las llamadas se guardan y esperan.",
            "Inicia Redis o corrige REDIS_URL: `receiver doctor` dice más.",
            "Redis volvió: lo que esperaba va en camino.",
        ),
    },
    "disk": {
        "en": Text(
            "The disk is nearly full: {n} MB are free. On a full disk no call can be kept.",
            "Make room, enlarge the disk, or set RETENTION_DAYS.",
            "The disk has room again.",
        ),
        "es": Text(
            "El disco está casi lleno: quedan {n} MB. Con el disco lleno no se guarda ninguna llamada.",
            "Haz sitio, amplía el disco o pon RETENTION_DAYS.",
            "El disco tiene sitio de nuevo.",
        ),
    },
    "silence": {
        "en": Text(
            "No call for {age}. Usual here in that time: {n}.",
            RECONNECT["en"] + ": it must arrive here within seconds. `receiver doctor --url` with your address looks "
            "from outside. Where you are closed today, there is nothing to do.",
            "Calls come in again.",
        ),
        "es": Text(
            "Sin llamadas desde hace {age}. Lo usual en ese tiempo: {n}.",
            RECONNECT["es"] + ": debe llegar aquí en segundos. `receiver doctor --url` con tu dirección mira desde "
            "fuera. Si hoy está cerrado, no hay nada que hacer.",
            "Llegan llamadas de nuevo.",
        ),
    },
    "chore": {
        "en": Text(
            "The receiver's chore '{place}' fails.",
            "The worker's log says why; it is tried again by itself.",
            "The chore '{place}' is done again.",
        ),
        "es": Text(
            "Falla una tarea del receptor: '{place}'.",
            "El registro del proceso de envío dice por qué; se reintenta por sí sola.",
            "La tarea '{place}' se hace de nuevo.",
        ),
    },
    "left_there": {
        "en": Text(
            "What was erased here is still at a destination, which did not delete it for 30 days: {n} in all.",
            "Delete it there by hand: the dashboard's History says where each lies. The receiver tries no more.",
        ),
        "es": Text(
            "Algo que aquí se borró sigue en un destino, que no lo borró en 30 días: {n} en total.",
            "Bórralo allí a mano: el Historial del panel dice dónde está cada cosa. El receptor ya no lo intenta.",
        ),
    },
    "fields": {
        "en": Text(
            "InboundFlow now sends something new in {event}: {fields}.",
            "Nothing to do: it is kept, and goes to URLs and tools as it came.",
        ),
        "es": Text(
            "InboundFlow ahora envía algo nuevo en {event}: {fields}.",
            "Nada que hacer: se guarda y llega a las URL y herramientas tal como vino.",
        ),
    },
    "event": {
        "en": Text(
            "InboundFlow now sends a new event: {event}.",
            "Nothing to do: it is kept, and shown as another event.",
        ),
        "es": Text(
            "InboundFlow ahora envía un evento nuevo: {event}.",
            "Nada que hacer: se guarda y se muestra como otro aviso.",
        ),
    },
}
TITLES = {
    "en": {
        "one": "Needs attention: {what}",
        "several": "{n} things need attention",
        "over": "Over: {what}",
        "all_over": "{n} things are over",
        "news": "Something new",
        "do": "→ {do}",
        "test": "A test of the receiver's alerts: they arrive here.",
        "test_do": "Nothing to do.",
        "no_calls": "Today: no calls.",
        "today": "Today: {parts}.",
        "of_business": "[{source}] {parts}",
        "more_businesses": "and {n} more businesses",
        "calls": ("{n} call", "{n} calls"),
        "in": ("{n} in {place}", "{n} in {place}"),
        "urgent": ("{n} urgent", "{n} urgent"),
        "callbacks": ("{n} to call back", "{n} to call back"),
    },
    "es": {
        "one": "Necesita atención: {what}",
        "several": "{n} cosas necesitan atención",
        "over": "Resuelto: {what}",
        "all_over": "{n} cosas se resolvieron",
        "news": "Algo nuevo",
        "do": "→ {do}",
        "test": "Prueba de las alertas del receptor: llegan aquí.",
        "test_do": "Nada que hacer.",
        "no_calls": "Hoy: ninguna llamada.",
        "today": "Hoy: {parts}.",
        "of_business": "[{source}] {parts}",
        "more_businesses": "y {n} negocios más",
        "calls": ("{n} llamada", "{n} llamadas"),
        "in": ("{n} en {place}", "{n} en {place}"),
        "urgent": ("{n} urgente", "{n} urgentes"),
        "callbacks": ("{n} por llamar", "{n} por llamar"),
    },
}


class Details(dict[str, Any]):
    """What another version has noted may lack a part: one gap in a sentence stops no alert."""

    def __missing__(self, name: str) -> str:
        return "…"


def text_of(kind: str, language: str, details: Mapping[str, Any]) -> Text:
    """Filled in; commands as they are typed here."""
    by_language = TEXTS[kind]
    text = by_language.get(language, by_language["en"])
    return Text(*(typed(part.format_map(Details(details))) for part in text))


def title(name: str, language: str, **parts: Any) -> str:
    return str(TITLES.get(language, TITLES["en"])[name]).format(**parts)


def counted(name: str, language: str, n: int, **parts: Any) -> str:
    return TITLES.get(language, TITLES["en"])[name][n != 1].format(n=n, **parts)


def age(us: int) -> str:
    """The same words in both languages."""
    minutes = us // 60_000_000
    if minutes < 100:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 72 * 60 else f"{minutes // 1440} d"
