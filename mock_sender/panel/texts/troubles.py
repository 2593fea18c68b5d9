"""The names of the kinds of trouble; in English the sender itself says what each is."""

from __future__ import annotations

from ... import trouble

SPANISH = {
    "unknown-event": "un evento sin documentar: call.voicemail",
    "missing-fields": "faltan casi todos los campos de data",
    "null-fields": "todos los campos de data son null",
    "extra-fields": "campos nuevos, fuera y dentro de data",
    "wrong-types": "objetos, listas y números donde había texto",
    "transcript": "data.transcript de 200.000 caracteres",
    "emoji": "emojis y signos combinados",
    "right-to-left": "árabe, hebreo y marcas de dirección",
    "nul": "un carácter NUL dentro de un texto",
    "no-delivery-id": "sin delivery_id",
    "old-event": "algo que pasó hace mucho, enviado ahora",
    "json-spacing": "cuerpo con sangría, firmado como JSON.stringify",
    "unicode-escapes": "todo lo que no es ASCII como \\u, firmado igual",
    "lone-surrogate": "medio emoji, como \\ud83d",
    "integer-keys": "claves numéricas, en el orden de JavaScript",
    "not-json": "texto firmado que no es JSON",
    "not-utf8": "bytes firmados que no son texto",
    "empty": "cuerpo firmado de cero bytes",
    "no-signature": "sin firma",
    "wrong-signature": "una firma de 64 cifras, equivocada",
    "empty-signature": "sha256= y nada detrás",
    "short-signature": "las 8 primeras cifras de la firma correcta",
    "other-secret": "firmado con otro secreto",
    "body-only-signature": "firmado sin la hora",
    "altered-body": "un bit del cuerpo cambiado tras firmar",
    "altered-timestamp": "la hora cambiada un segundo tras firmar",
    "stale": "bien firmado, hace una hora",
    "future": "bien firmado, dentro de una hora",
    "drift-behind": "un reloj un minuto atrasado",
    "drift-ahead": "un reloj medio minuto adelantado",
    "milliseconds": "hora en milisegundos, firmada así",
    "text-timestamp": "una hora que no es un número, firmada así",
    "no-timestamp": "sin cabecera de hora",
    "other-id-header": "X-InboundFlow-Delivery-Id distinto del cuerpo firmado",
    "other-event-header": "X-InboundFlow-Event distinto del cuerpo firmado",
    "lower-case-headers": "cabeceras en minúsculas",
    "mixed-case-headers": "cabeceras con mayúsculas raras",
    "gzip": "cuerpo comprimido, y firmado así",
    "chunked": "Transfer-Encoding: chunked, de 100 en 100 bytes",
    "slow": "el cuerpo en 20 trozos durante 2 segundos",
    "byte-by-byte": "el cuerpo byte a byte, unos 2 segundos",
    "cut": "la conexión se corta en algún byte",
}

TROUBLES: dict[str, tuple[str, ...]] = {
    f"trouble_{name}": (spanish, trouble.TROUBLES[name].says) for name, spanish in SPANISH.items()
}
